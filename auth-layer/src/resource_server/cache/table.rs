//! The table: many sets, one count of bytes, one hand that makes room.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::clock::Timestamp;
use crate::resource_server::cache::set::{Cached, Set, WAYS};

/// Verified tokens, by their bytes; see the [module docs](super).
#[derive(Debug)]
pub(crate) struct TokenCache<T> {
    sets: Box<[Set<T>]>,
    hasher: RandomState,
    most_bytes: usize,
    bytes: AtomicUsize,
    /// Counts insertions, so that it is known who came first.
    came: AtomicU64,
    hand: AtomicUsize,
}

impl<T: Cached> TokenCache<T> {
    /// A cache of at most so many bytes; zero is none at all.
    pub(crate) fn new(most_bytes: usize) -> Self {
        let sets = most_bytes / (BYTES_PER_PLACE * WAYS);
        let sets: Box<[Set<T>]> = (0..sets).map(|_| Set::default()).collect();
        Self {
            bytes: AtomicUsize::new(size_of_val(&*sets)),
            sets,
            hasher: RandomState::new(),
            most_bytes,
            came: AtomicU64::new(0),
            hand: AtomicUsize::new(0),
        }
    }

    /// The entry of this very token; whether it is still good is for the caller to see.
    pub(crate) fn find(&self, token: &[u8]) -> Option<Arc<T>> {
        let (set, tag) = self.set(token)?;
        set.find(tag, token)
    }

    /// Keeps an entry, in place of the one with the same token or of what matters least.
    pub(crate) fn insert(&self, entry: Arc<T>, now: Timestamp) {
        let bytes = entry.bytes();
        if bytes > self.most_bytes / 64 {
            return;
        }
        let Some((set, tag)) = self.set(entry.token()) else { return };
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let came = self.came.fetch_add(1, Ordering::Relaxed);
        self.forget(set.insert(tag, entry, came, now));
        // Each round takes one use away from all: after so many, everything may go.
        let mut rounds = self.sets.len() * ROUNDS;
        while self.bytes.load(Ordering::Relaxed) > self.most_bytes && rounds > 0 {
            let hand = self.hand.fetch_add(1, Ordering::Relaxed) % self.sets.len();
            self.forget(self.sets[hand].evict(now));
            rounds -= 1;
        }
    }

    /// Forgets a token.
    pub(crate) fn remove(&self, token: &[u8]) {
        if let Some((set, tag)) = self.set(token) {
            self.forget(set.remove(tag, token));
        }
    }

    /// How many bytes are held, the table's own among them.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many entries are held.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.sets.iter().map(|set| set.entries().count()).sum()
    }

    fn forget(&self, gone: Option<Arc<T>>) {
        if let Some(gone) = gone {
            self.bytes.fetch_sub(gone.bytes(), Ordering::Relaxed);
        }
    }

    /// The set that a token belongs to, and its tag there.
    fn set(&self, token: &[u8]) -> Option<(&Set<T>, u64)> {
        let hash = self.hash(token);
        // Upper half for the set, and a tag that is never zero.
        let set = ((hash >> 32) * self.sets.len() as u64) >> 32;
        Some((self.sets.get(usize::try_from(set).ok()?)?, hash | 1))
    }

    fn hash(&self, token: &[u8]) -> u64 {
        let is_signed = token.starts_with(b"eyJ");
        let hashed = if is_signed { &token[token.len().saturating_sub(SIGNATURE_END)..] } else { token };
        let mut hasher = self.hasher.build_hasher();
        hasher.write(hashed);
        hasher.write_usize(token.len());
        hasher.finish()
    }
}

/// A slot for each of these: the smallest tokens take about as much.
const BYTES_PER_PLACE: usize = 1024;
/// Base64url of 48 bytes: more than the second half of the shortest signature.
const SIGNATURE_END: usize = 64;
const ROUNDS: usize = 5;
