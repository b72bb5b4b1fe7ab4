//! Nonces for proofs of possession (RFC 9449 §9): a time and a tag, so that nothing has to be remembered.

use std::time::Duration;

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clock::Timestamp;
use crate::config::NonceKey;

/// Makes nonces, and knows its own.
#[derive(Debug)]
pub(crate) struct Nonces {
    key: Key,
    lifetime: Duration,
}

impl Nonces {
    pub(crate) fn new(key: &NonceKey, lifetime: Duration) -> Self {
        let key = match key {
            NonceKey::Shared(secret) => Key::new(HMAC_SHA256, secret.expose().as_bytes()),
            NonceKey::OfThisProcess => {
                let mut bytes = [0_u8; 32];
                // Deliberately a panic: a guessable key makes guessable nonces.
                rand::fill(&mut bytes).expect("the operating system's random generator answers");
                Key::new(HMAC_SHA256, &bytes)
            }
        };
        Self { key, lifetime }
    }

    pub(crate) fn make(&self, now: Timestamp) -> String {
        let time = now.unix_millis().to_be_bytes();
        let tag = sign(&self.key, &message(time));
        let mut nonce = [0_u8; 8 + 16];
        nonce[..8].copy_from_slice(&time);
        nonce[8..].copy_from_slice(&tag.as_ref()[..16]);
        URL_SAFE_NO_PAD.encode(nonce)
    }

    /// Whether a nonce is one of ours, and not too old.
    pub(crate) fn is_good(&self, nonce: &str, now: Timestamp) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(nonce) else { return false };
        let Some((time, tag)) = bytes.split_first_chunk::<8>() else { return false };
        let made_at = Timestamp::from_unix_millis(u64::from_be_bytes(*time));
        let expected = sign(&self.key, &message(*time));
        let is_ours =
            aws_lc_rs::constant_time::verify_slices_are_equal(tag, &expected.as_ref()[..16]).is_ok();
        // Made after now: by an instance whose clock is ahead, or before ours was set back.
        is_ours && now.since(made_at) < self.lifetime && made_at.since(now) < self.lifetime
    }
}

/// Bound to its purpose, should the key be used for anything else.
fn message(time: [u8; 8]) -> [u8; 18] {
    let mut message = *b"dpop-nonce\0\0\0\0\0\0\0\0";
    message[10..].copy_from_slice(&time);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_nonce_is_good_for_its_lifetime_and_at_every_instance_with_the_key() {
        let shared = NonceKey::Shared(Secret::from("0123456789abcdef0123456789abcdef"));
        let (one, two) = (Nonces::new(&shared, MINUTE), Nonces::new(&shared, MINUTE));
        let now = Timestamp::from_unix_seconds(1_000_000);
        let nonce = one.make(now);
        assert!(two.is_good(&nonce, now) && two.is_good(&nonce, now.plus(MINUTE / 2)));
        assert!(!two.is_good(&nonce, now.plus(MINUTE)), "too old");
        assert!(!two.is_good(&nonce, now.minus(MINUTE)), "from the future");
    }

    #[test]
    fn nobody_else_makes_a_nonce() {
        let nonces = Nonces::new(&NonceKey::OfThisProcess, MINUTE);
        let now = Timestamp::from_unix_seconds(1_000_000);
        let others = Nonces::new(&NonceKey::OfThisProcess, MINUTE).make(now);
        let mut changed = nonces.make(now);
        let last = if changed.ends_with('A') { "B" } else { "A" };
        changed.replace_range(changed.len() - 1.., last);
        for nonce in ["", "a", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &others, &changed] {
            assert!(!nonces.is_good(nonce, now), "{nonce:?}");
        }
    }
}
