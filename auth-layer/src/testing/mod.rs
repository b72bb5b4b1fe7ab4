//! A small but honest OpenID provider on a loopback port, for tests and demos.
//!
//! It speaks OpenID Connect Core 1.0 over real HTTP, so that what passes against it has crossed
//! a socket, and it refuses what a careful provider refuses: nothing here says yes to be kind.
//!
//! # Rules
//! 1. Code flow only, with PKCE S256 (RFC 7636) and `iss` in the answer (RFC 9207). A code is
//!    spent once; a code that comes back kills the tokens that it was exchanged for (RFC 6749
//!    §4.1.2).
//! 2. Redirect URIs are equal byte for byte. An error whose redirect URI is not trusted is shown
//!    as a page and goes nowhere.
//! 3. A refresh token is given for `offline_access` only, and rotates as [`Rotation`] says; by
//!    default a reused one kills its family.
//! 4. The `scope` of an answer is what was granted: the scopes which the API declares and which
//!    the user may have, nothing more.
//! 5. Access tokens for an API are JWTs (RFC 9068); without an audience they are opaque, and good
//!    for `/userinfo`. With a proof of possession they are bound to its key (RFC 9449).
//! 6. Every parameter has one value. A repeated parameter is refused.
//! 7. All time is the [`Clock`](crate::Clock)'s, the `Date` header included, so that a test
//!    passes an hour without sleeping.
//! 8. A living token is exchanged for one of another API (RFC 8693), and a refresh token for the token of a
//!    connected account (Auth0's Token Vault), for clients with a secret.
//! 9. A client that registered an address for it is told when a session ends (OpenID Connect
//!    Back-Channel Logout 1.0), and what it answers can be waited for.
//! 10. [`Fault`]s are caused on the wire: a dropped connection is a closed socket, and a dropped
//!     response is lost after the state has changed.
//!
//! What holds a session store to its contract is in [`store_contract`].
//!
//! # Attacks
//! What it refuses, each with a test of that name beside the code: a wrong verifier, a wrong or
//! unregistered redirect URI, a replayed code, a code of another client, a reused refresh token,
//! a widened scope, an unknown resource, a repeated parameter, two ways of client authentication
//! at once, a forged ID token hint, a proof of possession that is malformed, replayed or for another
//! request, a bound token without its proof.
//!
//! # Limits
//! - 127.0.0.1 only, over http; a request body has at most 64 KiB.
//! - A code lives 60 seconds, a login page 10 minutes, access and ID tokens one hour, a refresh
//!   token 30 days.
//! - State is in memory and ends with the provider; the log keeps the latest 100,000 events. It is
//!   exported as JSON lines, or read at `/api/v2/logs` with a client's own token for the Management
//!   API, which has the one scope `read:logs`.
//! - A proof of possession is good for a minute, its nonce for five.
//! - Not offered: PAR, `dpop_jkt`, `private_key_jwt`, request objects, response modes other than
//!   `query`, consent, and a second factor: a fresh login satisfies any `acr_values`.
//!
//! # Example
//! ```
//! use auth_layer::testing::{Endpoint, IdentityProvider, User};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let op = IdentityProvider::start().await;
//! op.register_redirect_uri("http://127.0.0.1:3000/callback");
//! let authorize = |redirect_uri: &str| {
//!     format!(
//!         "{}/authorize?client_id={}&response_type=code&scope=openid&state=s\
//!          &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
//!          &code_challenge_method=S256&redirect_uri={redirect_uri}",
//!         op.issuer(),
//!         op.client_id(),
//!     )
//! };
//!
//! // Accepted: a registered redirect URI.
//! let callback = op.log_in(&User::ada(), &authorize("http://127.0.0.1:3000/callback")).await;
//! assert!(callback.starts_with("http://127.0.0.1:3000/callback?code="));
//! assert_eq!(op.calls(Endpoint::Authorize), 1);
//!
//! // Refused: another one. There is no redirect, so there is no callback.
//! let refused = op.browser().log_in(&User::ada(), &authorize("http://127.0.0.1:3000/evil")).await;
//! assert!(refused.is_err());
//! # }
//! ```

mod provider;

mod builder;
mod registration;
mod settings;

mod browser;
mod faults;
mod log_export;
mod tenant_log;

mod server;
mod state;

mod answer;
mod outgoing;
mod parameters;
mod refusal;

mod authorize;
mod back_channel;
mod discovery;
mod end_session;
mod introspection;
mod login;
mod login_page;
mod logs;
mod revocation;
mod token;
mod userinfo;

mod client_authentication;
mod client_credentials_grant;
mod code_grant;
mod federated_connection_grant;
mod quota;
mod refresh_grant;
mod targets;
mod token_exchange_grant;

mod dpop;
mod minting;

mod credentials;
mod session_cookie;

mod access_token;
mod encoding;
mod keys;
mod tokens;

pub mod store_contract;

#[cfg(test)]
mod tests;

pub use back_channel::LogoutAnswer;
pub use browser::{Browser, BrowserError};
pub use builder::{IdentityProviderBuilder, StartError};
pub use credentials::{bearer, dpop};
pub use dpop::DpopKey;
pub use faults::{Endpoint, Fault};
pub use keys::SigningAlgorithm;
pub use minting::{TestAccessToken, TestLogoutToken};
pub use provider::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, IdentityProvider};
pub use registration::{ClientAuthentication, ClientRegistration, User};
pub use session_cookie::{TestSession, session_cookie};
pub use settings::Rotation;
pub use tenant_log::{EventCode, LogEvent};
