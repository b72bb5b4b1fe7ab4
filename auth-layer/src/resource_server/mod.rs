//! Bearer tokens: from an `Authorization` header to a verified access token (RFC 6750, RFC 9068, RFC 7662).
//!
//! # Rules
//! 1. An issuer is chosen by the exact `iss` of a token, and its keys alone can verify it (RFC 8725 §3.8).
//!    The token must be of this API (`aud`), of the kind of an access token, and living.
//! 2. A token that is no signed JWT is asked about at the one issuer that introspects, if there is one;
//!    many who bring the same one ask once.
//! 3. A verified token is remembered with all that a handler asks of it: brought again, it costs a hash
//!    and a look-up. It is never remembered beyond its `exp`, nor beyond the key that signed it, nor once
//!    the application has revoked it.
//! 4. Keys are fetched ahead of need, in the background: see the limits. Where they cannot be had, the
//!    answer is 503; a bad token is never taken for a good one, nor a good one for a bad one.
//! 5. A token that is bound to a key passes only with a proof of its possession (RFC 9449), and one that
//!    is not, only without.
//! 6. A refused caller learns a code (`invalid_request`, `invalid_token`, `insufficient_scope`) and no
//!    more; the log says at which stage a token failed, and why, and holds nothing of it.
//!
//! # Attacks
//! Tokens of another API or issuer (RFC 9068 §5, RFC 8725 §3.9); an id token as an access token (§3.11);
//! algorithm confusion and keys in headers (§3.1, §3.10); replayed and stolen tokens (RFC 9449 §2);
//! floods of unknown keys, of distinct tokens, and of opaque ones.
//!
//! # Limits
//! | what | how much |
//! |---|---|
//! | a token | 16 KiB, refused before it is decoded |
//! | the cache of verified tokens | 64 MiB, configurable, 0 is off |
//! | keys | fetched ahead every 5 minutes; 24 hours while the issuer is away; 1 MiB and 100 keys |
//! | an unknown key | one fetch in 30 seconds for all, and one more where it fails |
//! | a fetch | 5 seconds |
//! | an opaque token | its issuer's word is believed for 60 seconds, a no for 10; 32 questions at once |
//! | DPoP proofs | 60 seconds old, 262,144 remembered |
//! | revocations | 100,000 tokens and 100,000 subjects, of this process |
//!
//! # Example
//! ```standalone_crate,no_run
//! # fn main() {}
//! # #[cfg(feature = "macros")]
//! # mod scopes { auth_layer::scopes! { pub(crate) api Products = "https://api.shop.example" { ReadProducts = "read:products" } } }
//! # #[cfg(all(feature = "axum", feature = "macros"))]
//! # mod api {
//! use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
//! use auth_layer::{AccessToken, Auth, require_auth};
//! use axum::{Router, routing::get};
//!
//! #[require_auth(scopes = ["read:products"])] // without a good token: 401; without the scope: 403
//! async fn products(token: AccessToken) -> String {
//!     format!("for {:?}", token.subject())
//! }
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let config = ResourceServerConfig::builder("https://api.shop.example")
//!     .add_issuer(TrustedIssuer::new("https://op.example"))
//!     .build()?;
//! let auth = Auth::resource_server(config).await?;
//! let app: Router = Router::new().route("/products", get(products)).layer(auth.layer());
//! # Ok(()) }
//! # }
//! ```

#[allow(dead_code)]
mod cache;
mod challenge;
mod credentials;
mod introspection;
mod metadata;
mod nonce;
mod possession;
mod principal;
mod refusal;
mod revocations;
mod seen_proofs;
mod server;
mod verify;

pub(crate) use challenge::{Challenge, ChallengeError};
pub(crate) use credentials::Credentials;
#[cfg(fuzzing)]
pub(crate) use nonce::Nonces;
pub(crate) use possession::DPOP;
pub(crate) use refusal::{Refusal, RefusalKind};
pub(crate) use server::ResourceServer;
