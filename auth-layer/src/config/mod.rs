//! What an application says about its provider and its sessions, checked before anything runs.
//!
//! # Rules
//! 1. A value that cannot work is a [`ConfigError`] when it is built: it shows the value, never a
//!    secret, and the fix.
//! 2. Every address is https, or http on loopback; what weakens that is called `danger_`.
//! 3. The environment is read under our names (`AUTH_ISSUER`) and under nextjs-auth0's
//!    (`AUTH0_DOMAIN`); ours win.
//!
//! # Limits
//! Session keys hold at least 32 bytes. Sessions live at most 400 days, the limit of browsers
//! (RFC 6265bis §5.5); logins under way at most an hour; clock skew is at most 60 seconds.
//!
//! # Example
//! ```
//! use auth_layer::AuthConfig;
//!
//! let builder = AuthConfig::builder("https://op.example", "client", "https://app.example")
//!     .with_client_secret("s3cret")
//!     .add_session_key("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
//! assert!(builder.clone().build().is_ok());
//!
//! let refused = AuthConfig::builder("http://op.example", "client", "https://app.example").build();
//! assert!(refused.unwrap_err().to_string().starts_with("issuer \"http://op.example\" must be https"));
//! ```

mod audience_scopes;
mod base_url;
mod budget;
mod builder;
mod client_credentials;
mod environment;
mod error;
mod judge;
mod model;
mod policies;
mod resource_server;
mod session_key;

pub(crate) use audience_scopes::AudienceScopes;
pub(crate) use base_url::{BaseUrl, is_secure_or_loopback};
pub use budget::Budget;
pub use builder::AuthConfigBuilder;
pub(crate) use client_credentials::MachinePolicy;
pub use client_credentials::{ClientCredentialsConfig, ClientCredentialsConfigBuilder, QuotaHeaders};
pub use error::ConfigError;
pub use model::{AudienceParameter, AuthConfig, ClientAuthentication, SessionLoading, UserInfo};
pub use policies::SameSite;
pub(crate) use policies::{LoginPolicy, SessionPolicy};
pub use resource_server::{
    DpopPolicy, ResourceServerConfig, ResourceServerConfigBuilder, TokenProfile, TrustedIssuer,
};
pub(crate) use resource_server::{Introspection, IssuerSettings, NonceKey, PublishedResource};
pub(crate) use session_key::SessionKey;

pub use crate::claim_path::ClaimPath;
