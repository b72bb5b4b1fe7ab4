//! The middleware: one layer that keeps the session and serves the routes of login and logout.
//!
//! # Rules
//! 1. It serves `/auth/login`, `/auth/callback`, `/auth/logout`, `/auth/profile`,
//!    `/auth/backchannel-logout` and, where it is switched on, `/auth/access-token`; each path is
//!    configurable. All else goes to the inner service.
//!    A resource server with a base URL serves `/.well-known/oauth-protected-resource` (RFC 9728).
//! 2. A session is opened, and a bearer token looked at, when a handler asks for it.
//! 3. What changed in the session leaves with the response: `Set-Cookie`, with
//!    `Cache-Control: no-store, private` and `Vary: Cookie`, whatever the handler wrote there. The
//!    handler's own `Set-Cookie` headers stay.
//!
//! # Routes
//! | path | method | query or body | answer |
//! |---|---|---|---|
//! | `/auth/login` | GET | `returnTo`, and what `add_login_parameter` allows | 303 to the provider |
//! | `/auth/callback` | GET | the provider's | 303 to `returnTo`; an HTML page where the login failed, with a [`LoginError`](crate::flow::LoginError) among the response's extensions |
//! | `/auth/logout` | GET, POST | `returnTo` | 303 to the provider's end-session endpoint, or to `returnTo` |
//! | `/auth/profile` | GET | | the user's claims as JSON; 401 for a stranger |
//! | `/auth/backchannel-logout` | POST | a form with `logout_token` | 200 where the sessions are over, known here or not; 400 with an error as in RFC 6749 §5.2 |
//! | `/auth/access-token` | GET | | `{"token", "scope", "expires_at"}`, the last in seconds since 1970; off by default |
//!
//! # Attacks
//! A session cookie in a shared cache; open redirectors (RFC 9700 §4.11); tokens in URLs (§4.3).
//!
//! # Limits
//! The form of a back-channel logout: 64 KiB and 5 seconds. No other route reads a body.
//! A proxy that rewrites `Host` or strips `Origin` weakens the same-origin check of old browsers.
//!
//! # Example
//! ```no_run
//! # #[cfg(feature = "axum")]
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! use auth_layer::{Auth, AuthConfig, User};
//! use axum::{Router, routing::get};
//!
//! async fn home(user: Option<User>) -> String {
//!     user.map_or("nobody is logged in".into(), |user| format!("hello {}", user.subject()))
//! }
//!
//! let auth = Auth::discover(AuthConfig::from_env()?).await?;
//! let app: Router = Router::new().route("/", get(home)).layer(auth.layer());
//! # Ok(()) }
//! ```

mod auth;
mod back_channel;
mod body;
mod exchange;
mod from_rejection;
mod future;
mod grpc;
mod metadata;
mod routes;
mod service;

pub use auth::{Auth, AuthLayer};
pub use body::ResponseBody;
pub use from_rejection::FromRejection;
pub use future::ResponseFuture;
#[cfg(feature = "tonic")]
pub(crate) use grpc::GrpcAddress;
pub use service::AuthService;
