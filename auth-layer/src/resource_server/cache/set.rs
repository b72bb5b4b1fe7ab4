//! Eight places of the table, and the choice of the one that a newcomer takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;

use crate::clock::Timestamp;
use crate::token::Mark;

/// What can be kept in the cache.
pub(crate) trait Cached {
    /// The token, whole.
    fn token(&self) -> &[u8];
    /// What it takes of memory, behind the `Arc` that is kept.
    fn bytes(&self) -> usize;
    /// When it stops being of use.
    fn ends_at(&self) -> Timestamp;
    /// Where the cache notes its use.
    fn mark(&self) -> &Mark;
}

/// Eight places and their tags, a line of memory each.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Set<T> {
    /// A part of the hash, never zero where the place was ever taken.
    tags: [AtomicU64; WAYS],
    places: [ArcSwapOption<T>; WAYS],
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { tags: Default::default(), places: std::array::from_fn(|_| ArcSwapOption::empty()) }
    }
}

impl<T: Cached> Set<T> {
    /// The entry of a token, marked as used.
    pub(super) fn find(&self, tag: u64, token: &[u8]) -> Option<Arc<T>> {
        let (_, entry) = self.place(tag, token)?;
        entry.mark().used();
        Some(entry)
    }

    fn place(&self, tag: u64, token: &[u8]) -> Option<(usize, Arc<T>)> {
        for (place, found) in self.tags.iter().enumerate() {
            if found.load(Ordering::Acquire) != tag {
                continue;
            }
            // Tag and entry may be of two moments: the token itself decides.
            let entry = self.places[place].load();
            if let Some(entry) = entry.as_ref().filter(|entry| entry.token() == token) {
                return Some((place, Arc::clone(entry)));
            }
        }
        None
    }

    /// Puts an entry in place of what matters least here; returns what had to go.
    pub(super) fn insert(&self, tag: u64, entry: Arc<T>, came: u64, now: Timestamp) -> Option<Arc<T>> {
        entry.mark().came(came);
        let place = match self.place(tag, entry.token()) {
            Some((place, _)) => place,
            None => self.least(now).map_or_else(|empty| empty, |(place, _)| place),
        };
        let gone = self.places[place].swap(Some(entry));
        self.tags[place].store(tag, Ordering::Release);
        gone
    }

    pub(super) fn remove(&self, tag: u64, token: &[u8]) -> Option<Arc<T>> {
        let (place, entry) = self.place(tag, token)?;
        self.take(place, &entry)
    }

    /// Takes away what matters least here, if it may go: what was in use gets older instead.
    pub(super) fn evict(&self, now: Timestamp) -> Option<Arc<T>> {
        let (place, entry) = self.least_used(now)?;
        if entry.ends_at() > now && entry.mark().rank().0 > 0 {
            self.entries().for_each(|(_, entry)| entry.mark().age());
            return None;
        }
        self.take(place, &entry)
    }

    /// Empties a place, unless another entry is there by now.
    fn take(&self, place: usize, entry: &Arc<T>) -> Option<Arc<T>> {
        let seen = self.places[place].compare_and_swap(entry, None);
        seen.as_ref().filter(|seen| Arc::ptr_eq(seen, entry)).map(Arc::clone)
    }

    /// An empty place as `Err`, else the place of what matters least.
    fn least(&self, now: Timestamp) -> Result<(usize, Arc<T>), usize> {
        if let Some(empty) = self.places.iter().position(|place| place.load().is_none()) {
            return Err(empty);
        }
        let least = self.least_used(now).ok_or(0_usize)?;
        if least.1.ends_at() > now && least.1.mark().rank().0 > 0 {
            // All are in use: whoever goes on being used will be ahead again.
            self.entries().for_each(|(_, entry)| entry.mark().age());
        }
        Ok(least)
    }

    /// What has ended, or else what was used least.
    fn least_used(&self, now: Timestamp) -> Option<(usize, Arc<T>)> {
        self.entries().min_by_key(|(_, entry)| (entry.ends_at() > now, entry.mark().rank()))
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (usize, Arc<T>)> {
        self.places.iter().enumerate().filter_map(|(place, held)| Some((place, held.load_full()?)))
    }
}

pub(super) const WAYS: usize = 8;
