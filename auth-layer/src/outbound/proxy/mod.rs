//! A proxy for an API behind a web application: the browser has a cookie, the API gets a token (a
//! backend-for-frontend, draft-ietf-oauth-browser-based-apps §6.1).
//!
//! # Rules
//! 1. It authenticates each request itself, before anything of it is read: as `#[require_auth]` does, with the same
//!    answers. A session or, where they are taken, a bearer token. A request that may change state and brings a
//!    session's cookie has to come from this origin. Scopes, an audience or a whole [`Rule`](crate::token::Rule)
//!    are judged first. It has to be within the [`AuthLayer`](crate::AuthLayer); without it, each request gets 500.
//! 2. What is below its path is asked of the API, below the path of its address: for
//!    `auth.proxy("/api", "https://api.shop.example/v1")`, `/api/products?a` is
//!    `https://api.shop.example/v1/products?a`. Method, query and body are passed on as they are. So is the path, or
//!    it is a 400: `.` and `..` as a segment, however often they are encoded or what comes behind a `;`; segments
//!    without a name, also where a `;` comes behind it; encoded slashes, backslashes and control characters; what
//!    is encoded more than five times over.
//! 3. The API is sent the user's token, and never what is the browser's own: not `Cookie`, `Authorization`,
//!    `DPoP`, `Host`, nor what is for one connection alone (RFC 9110 §7.6.1), which is also what `Connection` names.
//! 4. Nothing that a client says of where a request came from is passed on: `Forwarded`, `X-Forwarded-*`,
//!    `X-Real-IP`, `Client-Cert`, `Remote-User` and their like, also with `_` for `-`. The proxy says by what address
//!    the application is known, as it was configured: `Forwarded` (RFC 7239, `host` and `proto`),
//!    `X-Forwarded-Host`, `-Proto` and `-Prefix`, and `Via`. It says nothing of the client's address, of which it
//!    knows nothing for sure; who is calling is in the token.
//! 5. Bodies are passed on as they come, each way, no faster than they are read and never whole: an upload, a
//!    download, events that a server sends. A browser that hangs up ends the request to the API; an API that goes
//!    away in the middle is an error of the stream, and never its end. Trailers are dropped.
//! 6. Of the answer the browser gets status, body and headers, without those for one connection, and without those
//!    that would speak for the whole origin: `Set-Cookie`, `WWW-Authenticate`, `Access-Control-*`,
//!    `Strict-Transport-Security`, `Clear-Site-Data`, `Alt-Svc` and their like, or would command a web server in front
//!    of it: `X-Accel-*` but for `-Buffering`, `X-Sendfile`, `CDN-Cache-Control`. It is `nosniff`. It is `private`,
//!    unless the API says `public` or `s-maxage`: the API was asked with `Authorization`, of which shared caches
//!    know (RFC 9111 §3.5), the proxy was asked with a cookie.
//! 7. No redirect is followed. A `Location` below the API's address is told as the browser knows it, one at another
//!    host as it is, and another one at the API's host is left out.
//! 8. The API refuses the token (401 with `Bearer` and `error="invalid_token"`): another one is got, once, and the
//!    request is sent again where it has no body. With a body it is a 503 with `Retry-After: 1`, since the next try
//!    brings the new token. Where there is no other token it is a 502, for the browser can do nothing about it; where
//!    the session is over because of that, it is what any stranger gets. Any other 401 is passed on, with `Bearer`
//!    for a challenge.
//! 9. What is not passed on is a problem document (RFC 9457), with the [`ProxyError`] among the response's
//!    extensions:
//!
//! | status | because |
//! |---|---|
//! | 400 | the path may mean another one, or the body broke off |
//! | 404 | the path is not below that of the proxy |
//! | 413 | the body is larger than a layer around the proxy allows (`Limited` of http-body-util, axum, tower-http) |
//! | 501 | `Upgrade` (sockets), `CONNECT`, and `TRACE`, whose answer would show the token |
//! | 502 | the API is away, does not speak HTTP, or does not take the token |
//! | 503 | the token was renewed: send it again |
//! | 504 | the API did not begin its answer in time |
//!
//! # Attacks
//! Tokens within reach of scripts (draft-ietf-oauth-browser-based-apps §5). Cross-site request forgery. Traversal
//! to what the API does not show. Headers that only a proxy may write, and a `Connection` that takes such headers
//! away. Request smuggling: framing is written anew. An API, or whoever has taken it over, that sets the
//! application's cookies, opens it to other origins, or has browsers ask for a password. A user's answer in a shared
//! cache. Server-side request forgery: the host is the configured one, whatever a request says.
//!
//! # Limits
//! - A connection: 3 seconds. The beginning of an answer: 30 seconds, [`Proxy::with_timeout`], anew for each part of
//!   an upload. Its head: 64 KiB and 100 headers. A body may take as long as it takes.
//! - HTTP/1.1 to the API, with the system's TLS roots; no proxy of the environment's is asked. gRPC needs HTTP/2
//!   and trailers, and does not pass; gRPC-Web does.
//! - An encoded slash within a segment, which some APIs have in their identifiers, does not pass.
//! - An answer without a length ends with its connection, whoever ended that; so it is in HTTP/1. One that has begun
//!   goes on where the session ends meanwhile.
//! - The API's pages are pages of the application: what it calls `text/html` runs in the application's origin.
//!   Put no API behind it that serves what its users wrote.
//! - It is a proxy for one API, and no gateway: it does not balance, cache or count.
//! - What a request costs: a task's worth of boxes, and a connection where none is idle.
//!
//! # Example
//! ```no_run
//! # #[cfg(feature = "axum")]
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! use auth_layer::axum::Router; // it says who may call it; axum's own router takes it as well
//! use auth_layer::{Auth, AuthConfig};
//!
//! let auth = Auth::discover(AuthConfig::from_env()?).await?;
//! let shop = auth.proxy("/api", "https://api.shop.example/v1")?.with_scopes(["read:products"]);
//! let app: Router = Router::new().nest_service("/api", shop).layer(auth.layer());
//! # Ok(()) }
//! ```
//! Whoever is not logged in is refused, and the API is not asked:
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use auth_layer::{Auth, AuthConfig};
//! use http::{Request, StatusCode};
//! use http_body_util::Full;
//! use tower::{Layer as _, ServiceExt as _};
//!
//! # let config = AuthConfig::builder("http://127.0.0.1:1", "client", "http://127.0.0.1:3000")
//! #     .add_session_key("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
//! #     .build()?;
//! # let auth = Auth::discover(config).await?;
//! let app = auth.layer().layer(auth.proxy("/api", "https://api.shop.example/v1")?);
//! let stranger = Request::get("/api/products").body(Full::<bytes::Bytes>::default())?;
//! assert_eq!(app.oneshot(stranger).await?.status(), StatusCode::UNAUTHORIZED);
//! # Ok(()) }
//! ```
//! Whoever is logged in gets the API's answer: `cargo run -p examples --example proxy` shows both.

mod service;

#[cfg(feature = "axum")]
mod declared;

mod answer;
mod pathway;
mod request_head;
mod response_head;

mod body;

mod backend;

mod error;

pub use body::{ProxyBody, ProxyBodyError};
pub use error::{ProxyError, ProxyErrorKind};
pub use service::{Proxy, ProxyFuture};
