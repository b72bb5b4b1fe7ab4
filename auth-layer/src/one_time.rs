//! Values that are used once: state, nonce, code verifier, session id (RFC 6749 §10.12, RFC 7636).
//!
//! # Rules
//! 1. Each is 256 random bits from the operating system's generator, in base64url.
//! 2. A code verifier is 43 characters and its challenge is S256, never `plain` (RFC 7636 §4).
//!
//! # Attacks
//! Login CSRF and code injection (RFC 9700 §4.5, §4.7) need a guess of 256 bits.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::secret::Secret;

/// 256 random bits in base64url: a state, a nonce, a session id.
#[must_use]
pub(crate) fn random_token() -> String {
    let mut bytes = [0_u8; 32];
    // Deliberately a panic: a machine without randomness must not hand out sessions.
    rand::fill(&mut bytes).expect("the operating system's random generator answers");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// 64 random bits, for what is spread or told apart, and is no secret.
pub(crate) fn random_number() -> u64 {
    let mut bytes = [0_u8; 8];
    rand::fill(&mut bytes).expect("the operating system's random generator answers");
    u64::from_ne_bytes(bytes)
}

/// The secret behind a code challenge (RFC 7636 §4.1).
#[derive(Clone, Debug)]
pub(crate) struct CodeVerifier(Secret<String>);

impl CodeVerifier {
    pub(crate) fn random() -> Self {
        Self(Secret::new(random_token()))
    }

    pub(crate) fn from_sealed(value: &str) -> Self {
        Self(Secret::from(value))
    }

    /// The S256 challenge (RFC 7636 §4.2).
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.0.expose().as_bytes()))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_has_43_characters_and_the_challenge_of_rfc_7636_appendix_b() {
        assert_eq!(CodeVerifier::random().expose().len(), 43);
        let verifier = CodeVerifier::from_sealed("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn no_two_tokens_are_alike() {
        let seen: std::collections::HashSet<_> = (0..1_000).map(|_| random_token()).collect();
        assert_eq!(seen.len(), 1_000);
    }
}
