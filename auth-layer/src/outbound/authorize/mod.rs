//! A client's requests to one API, with an access token (RFC 6750 §2.1): a layer for hyper, reqwest and tonic.
//!
//! # Rules
//! 1. A request to the API's origin, which is scheme, host and port, is sent with `Authorization: Bearer`. A
//!    request that names no host is sent to that origin. `Host`, where a request has one, has to name it too. Of a
//!    request that came in and is passed on, both `Host` and the host of its address (absolute form, `:authority` of
//!    HTTP/2) are its sender's word and are forgotten; one that a program puts into the address instead is heeded.
//! 2. A request to another origin is sent as it is, without a token; the first one is warned of in the log.
//! 3. The token is the user's, of the configured audience or of [`Authorize::with_audience`]. The request says
//!    whose: [`on_behalf_of`](OnBehalfOf::on_behalf_of) a [`Session`](crate::Session), whose token is refreshed
//!    when that is needed, or an [`AccessToken`](crate::AccessToken), which is sent as it is. Both are also found
//!    among the request's extensions. A request that came in and is passed on is sent on behalf of its session.
//! 4. A token that a request brought (a bearer token) was issued for this API. It is sent on only to an audience
//!    that was named with [`Authorize::with_audience`] and is one of its own, and never where it is bound to a key
//!    (RFC 9449).
//! 5. With [`Authorize::with_tokens`] the tokens of a [`TokenSupply`] are sent, whoever the user is: a program's
//!    own, or exchanged ones.
//! 6. A request with an `Authorization` of the program's own is sent as it is. One that came in and is passed on is
//!    sent without what its sender said to this application alone: `Authorization`, `DPoP`, `Cookie`, and what is
//!    for one connection (RFC 9110 §7.6.1).
//! 7. The API answers 401, and one of its challenges is `Bearer` with `error="invalid_token"`: another token is
//!    asked for, and the request is sent once more. Of a session, a token that is newer will do; there is a
//!    refresh where there is none, and one alone for all requests that were refused with the same token. There is
//!    no third try. Where there is no other token, the API's answer is the answer.
//! 8. A request is sent again only where its body can be: by default where it has none, or as
//!    [`Authorize::with_replay`] says. Otherwise the 401 is the answer, and the next request brings the new token.
//! 9. A token that has just taken the place of another (10 seconds ago, or less) is not replaced.
//! 10. There is no token: nothing is sent, and the error is [`AuthorizeError::Token`].
//!
//! # Redirects
//! | client | what it does | the token |
//! |---|---|---|
//! | hyper | follows none | stays |
//! | reqwest | follows ten, within itself | goes along within the origin; reqwest takes it off elsewhere |
//! | `FollowRedirect` around this layer | asks again through it | as rule 1 and 2 have it, at each step |
//! | `FollowRedirect` within this layer | asks again behind it | as its policy has it: `Standard` takes it off elsewhere, a policy of your own may not |
//!
//! Put a follower around the layer, or switch off what follows within: `reqwest::redirect::Policy::none()`.
//!
//! # Attacks
//! A token that is sent to whom it is not for, by an address that came from outside, a redirect, or a `Host` of
//! another (RFC 9700 §4.9.1, §4.11). A caller's token handed on to another API, which takes it for ours (a confused
//! deputy). A request that is passed on to wherever its sender says (server-side request forgery). Cookies of a browser that go to an API with a request that is passed on. An API that refuses every
//! token, so that each request spends a refresh. A challenge that only looks like one
//! (`Basic realm="Bearer error=invalid_token"`).
//!
//! # Limits
//! - A service that does not go where a request's address says, as tonic's `Channel`, goes where it was told: give
//!   both the same address.
//! - A refusal in a gRPC status (`UNAUTHENTICATED` with HTTP 200) is no 401: it is handed on.
//! - A request that is passed on keeps what its sender says of proxies (`X-Forwarded-For`), and its answer all that
//!   the API says: [`Proxy`](crate::outbound::Proxy) sees to both.
//! - 10,000 tokens that took another's place are remembered, as hashes.
//! - What a request costs: two allocations for its token's header, and some six more for a copy of its head, with
//!   headers and extensions, where it could be sent again. A token that has to be waited for costs a box; the
//!   response and its body cost nothing.
//!
//! # Example
//! In a handler:
//! ```
//! # #[cfg(feature = "axum")]
//! # mod app {
//! use auth_layer::Session;
//! use auth_layer::outbound::authorize::{AuthorizeService, EmptyBodies, OnBehalfOf as _};
//! use axum::extract::State;
//! use http::{Request, StatusCode};
//! use tower::ServiceExt as _;
//! # type Hyper = tower::util::BoxCloneSyncService<Request<String>, http::Response<String>, std::io::Error>;
//!
//! type Shop = AuthorizeService<Hyper, EmptyBodies>; // auth.authorize("https://api.shop.example")?.layer(hyper)
//!
//! async fn products(session: Session, State(shop): State<Shop>) -> Result<String, StatusCode> {
//!     let request = Request::get("/products").on_behalf_of(&session).body(String::new());
//!     let response = shop.oneshot(request.unwrap()).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
//!     Ok(response.into_body())
//! }
//! # fn routes() -> axum::Router<Shop> { axum::Router::new().route("/", axum::routing::get(products)) }
//! # }
//! ```
//! A request of nobody's is not sent, and one to another origin brings no token:
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use auth_layer::outbound::authorize::AuthorizeErrorKind;
//! use auth_layer::{Auth, AuthConfig};
//! use http::{Request, Response};
//! use tower::{Layer as _, ServiceExt as _, service_fn};
//!
//! // Stands for an HTTP client, and tells what it was given.
//! let client = service_fn(async |request: Request<String>| {
//!     let is_authorized = request.headers().contains_key("authorization");
//!     Ok::<_, std::io::Error>(Response::new(is_authorized))
//! });
//! # let config = AuthConfig::builder("http://127.0.0.1:1", "client", "http://127.0.0.1:3000")
//! #     .add_session_key("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
//! #     .build()?;
//! let auth = Auth::discover(config).await?;
//! let shop = auth.authorize("https://api.shop.example")?.layer(client);
//!
//! let refused = shop.clone().oneshot(Request::get("/products").body(String::new())?).await;
//! assert_eq!(refused.unwrap_err().kind(), AuthorizeErrorKind::NoToken);
//!
//! let elsewhere = shop.oneshot(Request::get("https://evil.example/").body(String::new())?).await?;
//! assert!(!elsewhere.into_body());
//!
//! assert!(auth.authorize("http://api.shop.example").is_err()); // must be https
//! # Ok(()) }
//! ```

mod layer;
mod machine;
mod on_behalf_of;
mod replay;
mod supply;

mod service;

mod future;
mod passed_on;
mod tokens;

mod challenge;
mod replacements;

mod error;

pub(in crate::outbound) use challenge::refuses_token;
pub use error::{AuthorizeError, AuthorizeErrorKind, TokenError};
pub(in crate::outbound) use future::AfterRefusal;
pub use future::ResponseFuture;
pub use layer::Authorize;
pub use on_behalf_of::{Behalf, OnBehalfOf};
pub use replay::{EmptyBodies, Replay};
pub use service::AuthorizeService;
pub use supply::{TokenSupply, TokenSupplyError};
