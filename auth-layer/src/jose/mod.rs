//! Signed tokens: one strict verifier for every JWT (RFC 7515, RFC 7519, RFC 8725).
//!
//! # Rules
//! 1. An algorithm is bound to its key: RSA keys verify RS and PS, P-256 and P-384 keys their ES,
//!    Ed25519 keys EdDSA. `none` and every HMAC are refused: no key of a JWKS verifies them.
//! 2. `jwk`, `jku`, `x5u` and `x5c` in a header are never used; `crit` is refused.
//! 3. Base64url is strict; a member that comes twice, or of the wrong JSON type, is refused.
//! 4. Keys that are weak, private or not for signing are dropped one by one (RFC 8725 §3.5).
//!
//! # Attacks
//! Algorithm confusion, key injection by header, duplicate members, unbounded input.
//!
//! # Limits
//! A token: 16 KiB, refused before it is decoded. A JWKS: 1 MiB and 100 keys.

mod id_token;
mod json;
mod jwks;
mod verify;

pub(crate) use id_token::{IdTokenClaims, IdTokenExpectations, verify_id_token};
pub(crate) use json::parse_strict;
pub(crate) use jwks::Jwks;
