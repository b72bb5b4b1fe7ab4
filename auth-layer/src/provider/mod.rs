//! The OpenID provider, as its client sees it: discovery, keys, and the endpoints.
//!
//! # Rules
//! 1. Only this room opens sockets to the provider. No redirect is followed; time and bytes are bounded.
//! 2. The metadata's issuer equals the configured one byte for byte (Discovery §4.3), and every
//!    endpoint is https, or http on loopback.
//! 3. Metadata and keys are fetched once for all who wait, kept for an hour, and kept longer while the
//!    provider is away. A failure is not asked about again within a second.
//! 4. An unknown key fetches the keys once in 30 seconds, whatever the flood.
//! 5. Only `invalid_grant` is final. No answer, 5xx and 429 never are.
//!
//! # Attacks
//! Mix-up (RFC 9207); credentials that follow a redirect; JWKS floods; unbounded answers.
//!
//! # Limits
//! 3 s to connect, 10 s for a request, 1 MiB for an answer.

mod attempts;
mod authorization;
mod client;
mod client_authentication;
mod discovery;
mod documents;
mod error;
mod fetched;
mod http;
mod keys;
mod quota_headers;
mod token_endpoint;
mod token_exchange;
mod trusted_issuer;
mod wire;

pub(crate) use authorization::AuthorizationRequest;
pub(crate) use client::{Provider, ProviderSettings};
pub(crate) use error::{FailedAt, ProviderError};
pub(crate) use quota_headers::{Bucket, QuotaNews};
pub(crate) use token_endpoint::TokenResponse;
pub(crate) use token_exchange::TokenExchange;
pub(crate) use trusted_issuer::{Reach, TrustedProvider};
