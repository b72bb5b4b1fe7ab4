//! The cache: sets of eight places under one bound in bytes.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

use super::address::Address;
use super::set::{Gone, Pressure, Set};
use crate::clock::Timestamp;

/// What was verified of a token.
pub(crate) trait Cached: Send + Sync + 'static {
    /// The whole token.
    fn token(&self) -> &[u8];
    /// All that is allocated for the value: [`shared`](super::shared) for itself, and
    /// [`allocated`](super::allocated) for each thing it owns.
    fn bytes(&self) -> usize;
    /// When it stops being of use.
    fn ends_at(&self) -> Timestamp;
}

/// Verified tokens, bounded in bytes. See the [module docs](super).
pub(crate) struct TokenCache<T, K = RandomState> {
    sets: Box<[Set<T>]>,
    keys: K,
    /// What the values may take.
    most: usize,
    held: Held,
}

/// What is held; on cache lines of its own, which readers do not touch.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Held {
    bytes: AtomicUsize,
    values: AtomicUsize,
    /// How many were found since they came. Signed: a reader counts after it has marked the value, and
    /// the value may be gone before.
    found_again: AtomicIsize,
    /// The set that gives something up next.
    hand: AtomicUsize,
}

impl<T: Cached> TokenCache<T> {
    /// Holds up to `max_bytes`, the table included; 0 holds nothing.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self::with_keys(max_bytes, RandomState::new())
    }
}

impl<T: Cached, K: BuildHasher> TokenCache<T, K> {
    pub(super) fn with_keys(max_bytes: usize, keys: K) -> Self {
        let sets = max_bytes / BYTES_PER_SET;
        let most = max_bytes - sets * size_of::<Set<T>>();
        Self { sets: (0..sets).map(|_| Set::new()).collect(), keys, most, held: Held::default() }
    }

    /// Returns what was verified of `token`, ended and revoked or not.
    pub(crate) fn find(&self, token: &[u8]) -> Option<Arc<T>> {
        let (set, mark) = self.address(token)?;
        let found = set.find(mark, token)?;
        if found.is_first {
            self.held.found_again.fetch_add(1, Ordering::Relaxed);
        }
        Some(found.value)
    }

    /// Keeps `value` for its token, unless it has ended or is too large.
    pub(crate) fn insert(&self, value: Arc<T>, now: Timestamp) {
        let bytes = value.bytes().max(1);
        let Ok(recorded) = u32::try_from(bytes) else { return };
        if bytes > self.most / LARGEST || value.ends_at() <= now {
            return;
        }
        let Some((set, mark)) = self.address(value.token()) else { return };
        if self.reserve(bytes, now) {
            self.held.values.fetch_add(1, Ordering::Relaxed);
            self.account(set.put(mark, value, recorded, now));
        }
    }

    /// Forgets `token`.
    pub(crate) fn remove(&self, token: &[u8]) {
        if let Some((set, mark)) = self.address(token) {
            self.account(set.remove(mark, token));
        }
    }

    /// Forgets what `keep` refuses; what is put in meanwhile may be missed.
    pub(crate) fn retain(&self, mut keep: impl FnMut(&T) -> bool) {
        self.sets.iter().for_each(|set| self.account(set.retain(&mut keep)));
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.retain(|_| false);
    }

    /// How many values are held.
    pub(crate) fn len(&self) -> usize {
        self.held.values.load(Ordering::Relaxed)
    }

    /// What is held, the table included; never more than the bound.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.sets) + self.held.bytes.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(super) fn table_bytes(&self) -> usize {
        size_of_val(&*self.sets)
    }

    #[cfg(test)]
    pub(super) fn counted_as_found_again(&self) -> isize {
        self.held.found_again.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(super) fn marked_as_found_again(&self) -> isize {
        self.sets.iter().map(Set::marked_as_found_again).sum()
    }

    fn address(&self, token: &[u8]) -> Option<(&Set<T>, u64)> {
        if self.sets.is_empty() {
            return None;
        }
        let address = Address::of(token, &self.keys, self.sets.len());
        Some((self.sets.get(address.set)?, address.mark))
    }

    /// Counts `bytes` before they are put in, so that the bound holds at every moment; where it would
    /// not, the hand goes on from set to set until there is room.
    fn reserve(&self, bytes: usize, now: Timestamp) -> bool {
        let mut in_vain = 0;
        while !self.held.try_add(bytes, self.most) {
            let pressure = if in_vain >= PATIENCE {
                Pressure::High
            } else if self.is_mostly_found_again() {
                Pressure::Aging
            } else {
                Pressure::Low
            };
            let hand = self.held.hand.fetch_add(1, Ordering::Relaxed) % self.sets.len();
            let gone = self.sets[hand].make_room(pressure, now);
            self.account(gone);
            in_vain = if gone.values == 0 { in_vain + 1 } else { 0 };
            if in_vain > self.sets.len() + PATIENCE {
                // The table is empty, and all is reserved by others who are about to put it in.
                return false;
            }
        }
        true
    }

    /// Whether what was found again holds more than its share, and so has to give way to its like.
    fn is_mostly_found_again(&self) -> bool {
        let found_again = self.held.found_again.load(Ordering::Relaxed);
        usize::try_from(found_again).is_ok_and(|found_again| found_again > self.len() / 5 * 4)
    }

    fn account(&self, gone: Gone) {
        if gone == Gone::default() {
            return;
        }
        self.held.bytes.fetch_sub(gone.bytes, Ordering::Relaxed);
        self.held.values.fetch_sub(gone.values, Ordering::Relaxed);
        self.held.found_again.fetch_sub(gone.found_again, Ordering::Relaxed);
    }
}

impl Held {
    fn try_add(&self, bytes: usize, most: usize) -> bool {
        let add = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= most);
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }
}

impl<T, K> fmt::Debug for TokenCache<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("held", &self.held).finish_non_exhaustive()
    }
}

/// Eight places, one for each KiB.
const BYTES_PER_SET: usize = 8 * 1_024;
/// A value takes at most this fraction of the bound.
const LARGEST: usize = 64;
/// How many sets are asked in vain before one must give something up.
const PATIENCE: usize = 16;
