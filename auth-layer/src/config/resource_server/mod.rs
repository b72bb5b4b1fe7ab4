//! What a resource server trusts: issuers, audiences, and how their tokens are checked.
//!
//! # Rules
//! 1. No issuer without an audience: a token that names another API is refused (RFC 9068 §4).
//! 2. Access tokens follow RFC 9068 unless an issuer is given [`TokenProfile::Lenient`].
//! 3. At most one issuer introspects: an opaque token does not say whose it is, and a token is shown
//!    to nobody but its own issuer.
//!
//! # Example
//! ```
//! use auth_layer::config::{ResourceServerConfig, TokenProfile, TrustedIssuer};
//!
//! let tenant = TrustedIssuer::new("https://tenant.eu.auth0.com/").with_profile(TokenProfile::Lenient);
//! let config = ResourceServerConfig::builder("https://api.shop.example").add_issuer(tenant);
//! assert!(config.build().is_ok());
//!
//! let nobody = ResourceServerConfig::builder("https://api.shop.example").build();
//! assert!(nobody.unwrap_err().to_string().starts_with("a trusted issuer is missing"));
//! ```

mod builder;
mod dpop;
mod environment;
mod issuer;
mod judge;
mod model;

pub use builder::ResourceServerConfigBuilder;
pub use dpop::DpopPolicy;
pub(crate) use dpop::NonceKey;
pub use issuer::TrustedIssuer;
pub(crate) use model::{Introspection, IssuerSettings, PublishedResource};
pub use model::{ResourceServerConfig, TokenProfile};
