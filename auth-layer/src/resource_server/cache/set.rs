//! Eight places for the tokens whose hash chose them.

use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{array, mem};

use arc_swap::{ArcSwapOption, Guard};

use super::ghosts::Ghosts;
use super::table::Cached;
use super::victim::{MOST_USES as USES, Record, Standing, free_place, least_used, unused};
use crate::clock::Timestamp;

/// The places of a set: readers look at marks and values, writers hold the lock of the ledger.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Set<T> {
    places: [Slot<T>; PLACES],
    ledger: Mutex<Ledger>,
}

/// A mark beside its value, in one cache line with three others: a mark that agrees has brought the
/// value's address along.
#[derive(Debug)]
struct Slot<T> {
    /// 62 bits of the token's hash and, in the lowest two, how often it was found: read to search and,
    /// until the count is full, written at a hit.
    mark: AtomicU64,
    value: ArcSwapOption<T>,
}

/// What only writers need to know.
#[derive(Debug)]
struct Ledger {
    records: [Record; PLACES],
    turns: u32,
    ghosts: Ghosts,
}

/// A hit.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) value: Arc<T>,
    /// It had never been found before.
    pub(super) is_first: bool,
}

/// What a set holds less than before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gone {
    pub(super) bytes: usize,
    pub(super) values: usize,
    /// Of those found again, be it that they went or that they aged; negative where one came back.
    pub(super) found_again: isize,
}

/// How hard to look for a value to give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressure {
    /// What was found again stays, and does not age.
    Low,
    /// What was found again stays, and ages.
    Aging,
    /// Something goes.
    High,
}

impl<T: Cached> Set<T> {
    pub(super) fn new() -> Self {
        let ledger = Ledger { records: Default::default(), turns: 0, ghosts: Ghosts::new() };
        let empty = |_| Slot { mark: AtomicU64::new(0), value: ArcSwapOption::empty() };
        Self { places: array::from_fn(empty), ledger: Mutex::new(ledger) }
    }

    /// Looks for `token`: a mark that agrees says where, only the whole token says that it is there.
    pub(super) fn find(&self, mark: u64, token: &[u8]) -> Option<Found<T>> {
        for place in &self.places {
            let seen = place.mark.load(Ordering::Relaxed);
            if !agree(seen, mark) {
                continue;
            }
            // Deliberately not compared in constant time: whoever gets here holds a token that agrees
            // with a held one in 62 bits of a keyed hash, and so all of it or the end of its signature.
            let held = place.value.load();
            if held.as_ref().is_some_and(|value| value.token() == token) {
                let value = Guard::into_inner(held)?;
                return Some(Found { value, is_first: count_use(&place.mark, seen) });
            }
        }
        None
    }

    /// Puts `value` in: in the place of its token, else in a free one, else in a victim's.
    pub(super) fn put(&self, mark: u64, value: Arc<T>, bytes: u32, now: Timestamp) -> Gone {
        let mut ledger = self.lock();
        let record = Record::new(bytes, value.ends_at(), ledger.next_turn());
        if let Some(at) = self.position(mark, value.token()) {
            // Its mark stays as it is, and so do its uses.
            self.places[at].value.store(Some(value));
            let old = mem::replace(&mut ledger.records[at], record);
            return Gone { bytes: old.bytes as usize, values: 1, found_again: 0 };
        }
        let mut gone = Gone::default();
        let free = free_place(&ledger.records, now);
        let Some(at) = free.or_else(|| self.victim(&mut ledger, Pressure::High, &mut gone)) else {
            // There is a place for it, or somebody's to take; if not, it is the newcomer that goes.
            gone += Gone { bytes: bytes as usize, values: 1, found_again: 0 };
            return gone;
        };
        let came_back = ledger.ghosts.take(mark);
        gone.found_again -= isize::from(came_back);
        let mark = (mark & !USES) | u64::from(came_back);
        gone += self.replace(&mut ledger, at, mark, Some(value), record);
        gone
    }

    /// Gives something up: all that has ended, else what is worth least.
    pub(super) fn make_room(&self, pressure: Pressure, now: Timestamp) -> Gone {
        let mut ledger = self.lock();
        let mut gone = self.keep_only(&mut ledger, |_, record| !record.has_ended(now));
        if gone.values > 0 {
            return gone;
        }
        if let Some(at) = self.victim(&mut ledger, pressure, &mut gone) {
            gone += self.empty(&mut ledger, at);
        }
        gone
    }

    pub(super) fn remove(&self, mark: u64, token: &[u8]) -> Gone {
        let mut ledger = self.lock();
        match self.position(mark, token) {
            Some(at) => self.empty(&mut ledger, at),
            None => Gone::default(),
        }
    }

    pub(super) fn retain(&self, mut keep: impl FnMut(&T) -> bool) -> Gone {
        let mut ledger = self.lock();
        let keep =
            |at: usize, _: &Record| self.places[at].value.load().as_ref().is_some_and(|value| keep(value));
        self.keep_only(&mut ledger, keep)
    }

    /// Chooses what is given up, and remembers its token; under pressure what was found again ages.
    fn victim(&self, ledger: &mut Ledger, pressure: Pressure, gone: &mut Gone) -> Option<usize> {
        let mut at = unused(&self.standings(ledger));
        if at.is_none() && pressure != Pressure::Low {
            gone.found_again += self.age(ledger);
        }
        if at.is_none() && pressure == Pressure::High {
            at = least_used(&self.standings(ledger));
        }
        ledger.ghosts.remember(self.places[at?].mark.load(Ordering::Relaxed));
        at
    }

    fn keep_only(&self, ledger: &mut Ledger, mut keep: impl FnMut(usize, &Record) -> bool) -> Gone {
        let mut gone = Gone::default();
        for at in 0..PLACES {
            if !ledger.records[at].is_empty() && !keep(at, &ledger.records[at]) {
                gone += self.empty(ledger, at);
            }
        }
        gone
    }

    fn empty(&self, ledger: &mut Ledger, at: usize) -> Gone {
        self.replace(ledger, at, 0, None, Record::default())
    }

    fn replace(
        &self,
        ledger: &mut Ledger,
        at: usize,
        mark: u64,
        value: Option<Arc<T>>,
        record: Record,
    ) -> Gone {
        let old_mark = self.places[at].mark.swap(mark, Ordering::Relaxed);
        self.places[at].value.store(value);
        let old = mem::replace(&mut ledger.records[at], record);
        Gone {
            bytes: old.bytes as usize,
            values: usize::from(!old.is_empty()),
            found_again: isize::from(old_mark & USES > 0),
        }
    }

    /// Takes a use from each, and says how many have none left: those begin anew as the youngest.
    fn age(&self, ledger: &mut Ledger) -> isize {
        let mut spent = 0;
        for (at, place) in self.places.iter().enumerate() {
            let less = |mark: u64| (mark & USES > 0).then(|| mark - 1);
            let before = place.mark.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
            if before.is_ok_and(|before| before & USES == 1) {
                spent += 1;
                ledger.records[at].turn = ledger.next_turn();
            }
        }
        spent
    }

    fn position(&self, mark: u64, token: &[u8]) -> Option<usize> {
        (0..PLACES).find(|&at| {
            agree(self.places[at].mark.load(Ordering::Relaxed), mark)
                && self.places[at].value.load().as_ref().is_some_and(|value| value.token() == token)
        })
    }

    fn standings(&self, ledger: &Ledger) -> [Standing; PLACES] {
        array::from_fn(|at| Standing {
            record: ledger.records[at],
            uses: self.places[at].mark.load(Ordering::Relaxed) & USES,
        })
    }

    #[cfg(test)]
    pub(super) fn marked_as_found_again(&self) -> isize {
        self.places.iter().map(|place| isize::from(place.mark.load(Ordering::Relaxed) & USES > 0)).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    const fn next_turn(&mut self) -> u32 {
        self.turns = self.turns.wrapping_add(1);
        self.turns
    }
}

impl AddAssign for Gone {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.values += other.values;
        self.found_again += other.found_again;
    }
}

/// Whether two marks are of one hash, whatever their uses.
const fn agree(one: u64, other: u64) -> bool {
    (one ^ other) & !USES == 0
}

/// Counts one more use unless the count is full, and says whether it was the first.
///
/// A count that is full is only read, so that threads that ask for the same token share a clean cache
/// line. Where the place has changed hands, or another thread counts, this use is not counted.
fn count_use(mark: &AtomicU64, seen: u64) -> bool {
    let uses = seen & USES;
    uses < USES
        && mark.compare_exchange(seen, seen + 1, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        && uses == 0
}

const PLACES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    struct Value(&'static [u8]);

    impl Cached for Value {
        fn token(&self) -> &[u8] {
            self.0
        }

        fn bytes(&self) -> usize {
            100
        }

        fn ends_at(&self) -> Timestamp {
            Timestamp::from_unix_seconds(10)
        }
    }

    const NOW: Timestamp = Timestamp::from_unix_seconds(1);

    #[test]
    fn a_mark_and_a_value_of_different_moments_are_no_hit() {
        let set = Set::new();
        set.put(4, Arc::new(Value(b"one")), 100, NOW);
        // What a reader sees between the two steps of a writer.
        set.places[0].value.store(Some(Arc::new(Value(b"two"))));
        assert!(set.find(4, b"one").is_none(), "the old mark, the new value");
        set.places[0].mark.store(8, Ordering::Relaxed);
        set.places[0].value.store(Some(Arc::new(Value(b"one"))));
        assert!(set.find(8, b"two").is_none(), "the new mark, the old value");
        set.places[0].value.store(None);
        assert!(set.find(8, b"two").is_none(), "the new mark, no value");
    }

    #[test]
    fn uses_are_counted_up_to_three_and_the_first_is_told() {
        let set = Set::new();
        set.put(4, Arc::new(Value(b"one")), 100, NOW);
        let first: Vec<_> = (0..5).map(|_| set.find(4, b"one").unwrap().is_first).collect();
        assert_eq!(first, [true, false, false, false, false]);
        assert_eq!(set.places[0].mark.load(Ordering::Relaxed), 4 | 3);
        assert!(!count_use(&set.places[0].mark, 4), "the place has changed since it was seen");
    }

    #[test]
    fn what_was_found_again_goes_under_high_pressure_only() {
        let set = Set::new();
        set.put(4, Arc::new(Value(b"one")), 100, NOW);
        set.find(4, b"one").unwrap();
        assert_eq!(set.make_room(Pressure::Low, NOW), Gone::default());
        let aged = set.make_room(Pressure::Aging, NOW);
        assert_eq!(aged, Gone { bytes: 0, values: 0, found_again: 1 });
        assert!(set.find(4, b"one").unwrap().is_first, "it has to prove itself again");
        let gone = set.make_room(Pressure::High, NOW);
        assert_eq!(gone, Gone { bytes: 100, values: 1, found_again: 1 });
        assert_eq!(set.make_room(Pressure::High, NOW), Gone::default());
    }

    #[test]
    fn who_comes_back_after_it_was_given_up_counts_as_found_again() {
        let set = Set::new();
        set.put(4, Arc::new(Value(b"one")), 100, NOW);
        set.make_room(Pressure::Low, NOW);
        assert!(set.find(4, b"one").is_none());
        let gone = set.put(4, Arc::new(Value(b"one")), 100, NOW);
        assert_eq!(gone, Gone { bytes: 0, values: 0, found_again: -1 });
        assert_eq!(set.make_room(Pressure::Low, NOW), Gone::default());
    }

    #[test]
    fn a_place_takes_40_bytes_of_table() {
        assert_eq!(size_of::<Set<Value>>(), 8 * 40);
    }
}
