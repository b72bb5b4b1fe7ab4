//! Signing keys (RFC 7517, RFC 7518): generated here, published at `/jwks`, rotated on demand.
//!
//! # Rules
//! 1. Keys are made once per process and shared by its providers, since an RSA key costs a test
//!    more than all else it does. A provider that must not share asks for its own keys.
//! 2. A key's `kid` is its thumbprint (RFC 7638): one key has one name everywhere. A provider may
//!    be told to name none of them, in the set and in the headers.
//! 3. A key has one algorithm, and its JWK says so. RS256 and PS256 never share a key.
//! 4. One key signs what the endpoints issue; those of further algorithms are published beside
//!    it, and sign where a test asks for them.
//! 5. A dropped key signs nothing and is not published. It still recognises an ID token hint,
//!    which may be of any age (OpenID Connect RP-Initiated Logout 1.0 §2).
//! 6. What a test publishes raw comes first in the set: whoever gives up at the first bad key
//!    finds no good one.

mod ring;

mod pair;
mod public_key;

mod algorithm;

#[cfg(test)]
mod tests;

pub use algorithm::SigningAlgorithm;
pub(super) use pair::KeyPair;
pub(super) use public_key::{PublicKey, thumbprint};
pub(super) use ring::{KeyPolicy, KeyRing, KeySource, Naming};
