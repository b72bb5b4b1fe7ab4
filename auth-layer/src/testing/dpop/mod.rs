//! Proofs of possession (RFC 9449): what the provider asks of one, and keys that make them.
//!
//! # Rules
//! 1. A token request with a proof gets tokens that are bound to its key: `cnf.jkt` in the access
//!    token, `token_type` `DPoP` in the answer (§5). Without a proof it gets bearer tokens.
//! 2. A public client's refresh token is bound to the key too (§5): a refresh with another key,
//!    or with none, is refused and spends nothing.
//! 3. One header, one JWT of the type `dpop+jwt`, signed by the public key that it carries, for
//!    this method and this URL, of this minute and never seen before (§4.3).
//! 4. Where the provider demands a nonce, a proof without a living one of its own is refused with
//!    `use_dpop_nonce` and a new nonce in `DPoP-Nonce` (§8).
//! 5. A bound token opens `/userinfo` with a proof for that token only (§7.1); a bearer token
//!    opens it as a bearer token only.
//!
//! # Limits
//! - A proof is good 60 seconds before and after its `iat`, a nonce 5 minutes.
//! - The algorithms are those of [`SigningAlgorithm`](super::SigningAlgorithm).
//! - Not offered: `dpop_jkt` in the authorization request (§10), and a nonce at `/userinfo`.
//!
//! This check is written apart from that of the library, so that neither can hide the other's
//! mistakes.

mod key;

mod proof;
mod proofs;

pub use key::DpopKey;
pub(super) use proof::{Expected, presented};
pub(super) use proofs::Proofs;
