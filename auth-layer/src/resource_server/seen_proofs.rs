//! Proofs that were used (RFC 9449 §11.1): each is good once, and the memory for that is bounded.
//!
//! # Rules
//! 1. A proof is known by a hash of its key and its `jti`, and remembered until it is too old anyway.
//! 2. Where there are too many, those made first are forgotten, and from then on no proof that was made
//!    as early is taken: a flood can shorten the time that a proof may be old, and never lets one be
//!    used twice.
//!
//! # Limits
//! 262,144 proofs, of 16 bytes and the set's own share each.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

/// The proofs that were used, by the second that they were made in; `Debug` shows how many.
pub(super) struct SeenProofs {
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    by_second: BTreeMap<u64, HashSet<[u8; 16]>>,
    count: usize,
    /// No proof of this second or an earlier one is taken.
    forgotten: Option<u64>,
}

/// Whether a proof may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    First,
    Again,
    /// It is as old as those that had to be forgotten.
    Forgotten,
}

impl SeenProofs {
    pub(super) fn new() -> Self {
        Self::with_most(MOST)
    }

    fn with_most(most: usize) -> Self {
        Self { most, seen: Mutex::default() }
    }

    /// Notes the use of a proof; `oldest` is the second before which none is taken any more.
    pub(super) fn note(&self, thumbprint: &[u8; 32], token_id: &str, made_at: u64, oldest: u64) -> Use {
        let id = hash(thumbprint, token_id);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(first) = seen.by_second.first_entry().filter(|first| *first.key() < oldest) {
            let gone = first.remove().len();
            seen.count -= gone;
        }
        if seen.forgotten.is_some_and(|forgotten| made_at <= forgotten) {
            return Use::Forgotten;
        }
        if !seen.by_second.entry(made_at).or_default().insert(id) {
            return Use::Again;
        }
        seen.count += 1;
        while seen.count > self.most {
            let Some((second, gone)) = seen.by_second.pop_first() else { break };
            seen.count -= gone.len();
            seen.forgotten = Some(second);
            tracing::warn!(most = self.most, "too many DPoP proofs at once: older ones are refused for now");
        }
        Use::First
    }
}

impl fmt::Debug for SeenProofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.seen.lock().unwrap_or_else(PoisonError::into_inner).count;
        f.debug_struct("SeenProofs").field("count", &count).field("most", &self.most).finish_non_exhaustive()
    }
}

/// A `jti` is unique to its key alone, and as long as the client likes.
fn hash(thumbprint: &[u8; 32], token_id: &str) -> [u8; 16] {
    let mut context = Context::new(&SHA256);
    context.update(thumbprint);
    context.update(token_id.as_bytes());
    let mut id = [0_u8; 16];
    id.copy_from_slice(&context.finish().as_ref()[..16]);
    id
}

const MOST: usize = 262_144;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [1; 32];

    #[test]
    fn a_proof_is_good_once_and_another_keys_is_another() {
        let seen = SeenProofs::new();
        assert_eq!(seen.note(&KEY, "a", 100, 40), Use::First);
        assert_eq!(seen.note(&KEY, "a", 100, 40), Use::Again);
        assert_eq!(seen.note(&KEY, "b", 100, 40), Use::First);
        assert_eq!(seen.note(&[2; 32], "a", 100, 40), Use::First);
    }

    #[test]
    fn what_is_too_old_is_forgotten() {
        let seen = SeenProofs::new();
        for second in 0..1_000 {
            assert_eq!(seen.note(&KEY, "a", second, second.saturating_sub(120)), Use::First);
        }
        assert!(seen.seen.lock().is_ok_and(|seen| seen.count <= 121 && seen.by_second.len() <= 121));
        assert_eq!(format!("{seen:?}"), "SeenProofs { count: 121, most: 262144, .. }");
    }

    #[test]
    fn a_flood_is_bounded_and_lets_no_proof_be_used_twice() {
        let seen = SeenProofs::with_most(100);
        assert_eq!(seen.note(&KEY, "early", 1_000, 0), Use::First);
        for number in 0..1_000_u64 {
            seen.note(&KEY, &number.to_string(), 1_001 + number / 50, 0);
            assert!(seen.seen.lock().is_ok_and(|seen| seen.count <= 100), "bounded at {number}");
        }
        assert_eq!(seen.note(&KEY, "early", 1_000, 0), Use::Forgotten, "not a second time");
        assert_eq!(seen.note(&KEY, "late", 1_030, 0), Use::First, "what is new enough still passes");
    }
}
