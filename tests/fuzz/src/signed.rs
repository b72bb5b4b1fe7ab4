//! The tokens and proofs that were really signed: whatever else verifies is a forgery.
//!
//! `signed.txt` is written by `src/bin/seeds`: a name and a token in each line. `good` ones pass the
//! whole gate, `bound` ones with a proof alone, `bad` ones are signed and good for nothing, `proof` is a
//! proof of possession.

use std::sync::OnceLock;

use crate::keys::decode;

/// A name and what was signed under it.
pub type Signed = (&'static str, &'static str);

/// All of them.
pub fn all() -> &'static [Signed] {
    static ALL: OnceLock<Vec<Signed>> = OnceLock::new();
    ALL.get_or_init(|| TEXT.lines().filter_map(|line| line.split_once(' ')).collect())
}

/// Those whose name begins so.
pub fn named(prefix: &str) -> impl Iterator<Item = Signed> + use<'_> {
    all().iter().copied().filter(move |(name, _)| name.starts_with(prefix))
}

/// Whether these very bytes were signed, under a name that begins so.
#[must_use]
pub fn is_signed(prefix: &str, token: &[u8]) -> bool {
    named(prefix).any(|(_, signed)| signed.as_bytes() == token)
}

/// Whether a token is a signed one of ES256 but for its signature's twin: of the same `r`, which only the
/// key's owner can choose, and with `n - s` in place of `s`. RFC 7518 §3.4 does not forbid it.
#[must_use]
pub fn is_twin(prefix: &str, token: &str) -> bool {
    let parts = |token: &str| {
        let (text, signature) = token.rsplit_once('.')?;
        Some((text.to_owned(), decode(signature.as_bytes()).filter(|signature| signature.len() == 64)?))
    };
    let Some((text, signature)) = parts(token) else { return false };
    named(prefix).filter(|(name, _)| name.ends_with("ES256")).any(|(_, original)| {
        parts(original).is_some_and(|(signed, other)| signed == text && other[..32] == signature[..32])
    })
}

const TEXT: &str = include_str!("signed.txt");
