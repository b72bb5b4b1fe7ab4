//! Proofs that were seen, so that none is good twice, and nonces that were given out.

use std::collections::{HashSet, VecDeque};

use crate::clock::Timestamp;
use crate::testing::encoding::random;
use crate::testing::settings::{PROOF_NONCE_LIFETIME, PROOF_WINDOW};

/// What the provider remembers of proofs, for as long as they could come again.
#[derive(Default)]
pub(in crate::testing) struct Proofs {
    seen: Remembered,
    nonces: Remembered,
}

impl Proofs {
    /// Remembers a proof; returns whether it is the first of its key and `jti`.
    pub(super) fn is_first(&mut self, key: &str, jti: &str, now: Timestamp) -> bool {
        // A proof may be dated ahead by one window, and is good for one more.
        self.seen.insert(format!("{key}.{jti}"), now.plus(2 * PROOF_WINDOW), now)
    }

    /// Gives out a new nonce.
    pub(super) fn give_nonce(&mut self, now: Timestamp) -> String {
        let nonce = random();
        self.nonces.insert(nonce.clone(), now.plus(PROOF_NONCE_LIFETIME), now);
        nonce
    }

    /// Returns whether `nonce` was given out, and lives.
    pub(super) fn gave(&mut self, nonce: &str, now: Timestamp) -> bool {
        self.nonces.contains(nonce, now)
    }
}

/// Texts, each for its time; all times of one memory are equally long, so the oldest goes first.
#[derive(Default)]
struct Remembered {
    texts: HashSet<String>,
    ends: VecDeque<(Timestamp, String)>,
}

impl Remembered {
    fn insert(&mut self, text: String, end: Timestamp, now: Timestamp) -> bool {
        self.forget(now);
        let is_new = self.texts.insert(text.clone());
        if is_new {
            self.ends.push_back((end, text));
        }
        is_new
    }

    fn contains(&mut self, text: &str, now: Timestamp) -> bool {
        self.forget(now);
        self.texts.contains(text)
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((end, text)) = self.ends.front()
            && *end <= now
        {
            self.texts.remove(text);
            self.ends.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_first_once_and_again_when_it_could_not_be_good_any_more() {
        let mut proofs = Proofs::default();
        let now = Timestamp::from_unix_seconds(1_000);
        assert!(proofs.is_first("key", "1", now));
        assert!(proofs.is_first("key", "2", now) && proofs.is_first("other", "1", now));
        assert!(!proofs.is_first("key", "1", now.plus(PROOF_WINDOW)));
        let late = now.plus(2 * PROOF_WINDOW);
        assert!(proofs.is_first("key", "1", late));
        assert_eq!(proofs.seen.texts.len(), 1, "the others are forgotten");
    }
}
