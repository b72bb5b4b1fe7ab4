//! Tower middleware that signs users in with OpenID Connect and hands typed access tokens to handlers.
//!
//! One [`AuthLayer`] keeps the encrypted session, refreshes its tokens, and serves login and logout; an
//! API without sessions takes bearer tokens with the same layer.
//! `#[require_auth(scopes = ["read:products"])]` wraps a handler, which then receives an
//! [`AccessToken`] whose type says what was required: calling a function that needs another scope
//! does not compile.
//!
//! # Rules
//! 1. Authentication runs before any other extractor: no body and no path is read for a stranger.
//! 2. Nothing is open by mistake: a handler that asks for a token where the layer is missing answers 500.
//! 3. A rotated refresh token is never lost: see [`refresh`].
//! 4. Tokens and secrets reach no log, no error, no URL of ours, and no browser.
//!
//! # Example
//! ```no_run
//! # #[cfg(all(feature = "axum", feature = "macros"))]
//! # mod app {
//! use auth_layer::axum::{Router, routing::get}; // axum's, for handlers that say who may call them
//! use auth_layer::{AccessToken, Auth, AuthConfig, User, public, require_auth};
//!
//! #[public]
//! async fn home(user: Option<User>) -> String {
//!     user.map_or("nobody is logged in".into(), |user| format!("hello {}", user.subject()))
//! }
//!
//! #[require_auth] // a stranger is sent to the login, and never gets here
//! async fn scopes(token: AccessToken) -> String {
//!     token.scopes().to_string()
//! }
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let auth = Auth::discover(AuthConfig::from_env()?).await?;
//! let app: Router =
//!     Router::new().route("/", get(home)).route("/scopes", get(scopes)).layer(auth.layer());
//! # Ok(()) }
//! # }
//! ```
//!
//! # Where to look
//! | you want | look at |
//! |---|---|
//! | the layer and its routes | [`layer`] |
//! | settings, the environment | [`config`] |
//! | a router that takes no handler without an attribute | `axum` (feature `axum`) |
//! | what a handler may receive | [`Session`], [`User`], [`AccessToken`] |
//! | what a refused request gets | [`gate`] |
//! | calls of other APIs, by their definitions | [`outbound`] |
//! | services of gRPC | `grpc` (feature `tonic`) |
//! | refresh: when, how often, what if the provider is down | [`refresh`] |
//! | bearer tokens: an API | [`resource_server`] |
//! | a token for another API on a user's behalf | [`exchange`] |
//! | the verifier of signed tokens | [`jose`] |
//! | sessions in a store of your own | [`session`] |
//! | tokens of a machine's own, and their quota | [`machine`] |
//! | what the token exchanges cost | [`ledger`] |
//! | why a default is what it is, recipes | [`manual`] |
//! | a provider for tests | `testing` (feature `testing`) |
//! | whether a store of yours keeps its contract | `testing::store_contract` (feature `testing`) |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
pub mod __private;
mod algorithm;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
mod claim_path;
pub mod clock;
pub mod config;
pub mod exchange;
#[cfg(feature = "axum")]
mod extract;
mod fleet;
pub mod flow;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod gate;
#[cfg(feature = "tonic")]
#[cfg_attr(docsrs, doc(cfg(feature = "tonic")))]
pub mod grpc;
mod identifier;
pub mod jose;
pub mod layer;
pub mod ledger;
pub mod machine;
pub mod manual;
mod one_time;
pub mod outbound;
mod period;
mod provider;
pub mod refresh;
pub mod resource_server;
mod scope;
mod secret;
pub mod session;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
pub mod token;

#[cfg(all(feature = "axum", feature = "macros"))]
#[cfg_attr(docsrs, doc(cfg(all(feature = "axum", feature = "macros"))))]
pub use auth_macros::public;
#[cfg(feature = "macros")]
#[cfg_attr(docsrs, doc(cfg(feature = "macros")))]
pub use auth_macros::{client, require_auth, scopes};
pub use clock::{Clock, Timestamp};
pub use config::AuthConfig;
pub use gate::Session;
pub use identifier::{Audience, ClientId, Issuer, Organization, Subject};
pub use layer::{Auth, AuthLayer};
pub use machine::ClientCredentials;
pub use period::Period;
pub use scope::ScopeSet;
pub use secret::Secret;
pub use token::{AccessToken, User};
