//! Signed tokens: one strict verifier for every JWT (RFC 7515, RFC 7519, RFC 8725).
//!
//! # Rules
//! 1. An algorithm is bound to its key: RSA keys verify RS and PS, P-256, P-384 and P-521 keys their
//!    ES, Ed25519 keys EdDSA. `none` and every HMAC are refused: no key of a JWKS verifies them.
//! 2. `jwk`, `jku`, `x5u` and `x5c` in a header are never used; `crit` is refused.
//! 3. Base64url is strict: what is signed has one writing. A member that comes twice, or of the wrong
//!    JSON type, is refused, never absent.
//! 4. A key that is weak, private, symmetric or not for verifying is dropped by itself (RFC 8725
//!    §3.5), and so are two of one `kid`.
//! 5. A token is judged by stages, form, header, key, signature, claims, and the first that fails is told.
//!
//! Who signed a token is one question, and what it must say another: [`Jwks::verify`] answers the first,
//! [`Jwks::verify_logout_token`] both for a logout token. No kind of token passes for another.
//!
//! # Attacks
//! Algorithm confusion, key injection by header, one kind of token in the place of another,
//! duplicate members, several writings of one token, unbounded input.
//!
//! # Limits
//! A token: 16 KiB, refused before it is decoded, with 256 members in an object. A JWKS: 1 MiB and 100 keys.
//! RSA: 2,048 to 8,192 bits. A `kid`: 256 bytes.
//!
//! Whoever has an ECDSA signature can write a second one of the same text, without the key (`n - s`
//! in the place of `s`), and honest signers write either: remember a token by its `jti` or by its first
//! two segments, never by its whole text, where one that comes again is to be refused.
//!
//! # Example
//! ```
//! use auth_layer::jose::{Jwks, Stage};
//!
//! // The key and the token of RFC 7515, appendix A.3.
//! let keys = Jwks::parse(
//!     br#"{"keys":[{"kty":"EC","crv":"P-256",
//!       "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
//!       "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#,
//! )?;
//! let token = "eyJhbGciOiJFUzI1NiJ9.\
//!     eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
//!     cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
//!     DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA\
//!     pmWQxfKTUJqPP3-Kg6NU1Q";
//! assert_eq!(keys.verify(token)?.claims()?["iss"], "joe");
//!
//! let refused = keys.verify(&token.replace("Kg6NU1Q", "Kg6NU1R")).unwrap_err();
//! assert_eq!(refused.stage(), Stage::Format, "two bits that stand for nothing");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access_token;
mod base64url;
mod claim;
mod claims;
mod compact;
mod dpop_proof;
mod error;
mod header;
mod id_token;
mod json;
mod jwks;
mod key;
mod legible;
mod logout_token;
mod members;
mod rsa_strength;
mod scopes_at;
#[cfg(test)]
mod signer;
mod target_uri;
mod times;
mod verify;
mod words;

use crate::algorithm;
pub use crate::algorithm::Algorithm;
pub(crate) use access_token::{AccessTokenExpectations, judge_access_token};
pub(crate) use claims::AccessTokenClaims;
pub(crate) use compact::Compact;
pub(crate) use dpop_proof::{ProofExpectations, verify_dpop_proof};
pub use error::{Stage, VerifyError};
pub(crate) use id_token::{IdTokenClaims, IdTokenExpectations, verify_id_token};
pub(crate) use json::parse_strict;
pub use jwks::{Jwks, JwksError};
pub use logout_token::{LogoutToken, LogoutTokenExpectations};
pub(crate) use scopes_at::scopes_at;
pub(crate) use times::numeric_date;
pub use verify::SignedToken;
pub(crate) use words::Words;
