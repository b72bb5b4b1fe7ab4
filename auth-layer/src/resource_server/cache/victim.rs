//! Which place of a set is given up: what has ended, then what was never found again, then the rest.

use crate::clock::Timestamp;

/// What a set writes down of one of its values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record {
    /// What the value takes; zero where there is none.
    pub(super) bytes: u32,
    /// In seconds since the epoch.
    pub(super) ends: u32,
    /// How many values the set had taken before this one.
    pub(super) turn: u32,
}

/// A record, and how often the value was found: up to [`MOST_USES`], less what it has lost since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) record: Record,
    pub(super) uses: u64,
}

impl Record {
    pub(super) fn new(bytes: u32, ends_at: Timestamp, turn: u32) -> Self {
        let ends = u32::try_from(ends_at.unix_seconds()).unwrap_or(u32::MAX);
        Self { bytes, ends, turn }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    pub(super) fn has_ended(&self, now: Timestamp) -> bool {
        !self.is_empty() && u64::from(self.ends) <= now.unix_seconds()
    }
}

/// The place that costs nothing to take: that of a value that has ended, or an empty one.
pub(super) fn free_place(places: &[Record], now: Timestamp) -> Option<usize> {
    let ended = places.iter().position(|place| place.has_ended(now));
    ended.or_else(|| places.iter().position(Record::is_empty))
}

/// The oldest value that was never found again.
pub(super) fn unused(places: &[Standing]) -> Option<usize> {
    least_used(places).filter(|&at| places[at].uses == 0)
}

/// The value that was found least often, the oldest of those.
pub(super) fn least_used(places: &[Standing]) -> Option<usize> {
    let held = places.iter().enumerate().filter(|(_, place)| !place.record.is_empty());
    held.min_by_key(|(_, place)| (place.uses, place.record.turn)).map(|(at, _)| at)
}

pub(super) const MOST_USES: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    /// A place by its end, its turn and its uses.
    const fn held(ends: u32, turn: u32, uses: u64) -> Standing {
        Standing { record: Record { bytes: 1, ends, turn }, uses }
    }

    #[test]
    fn what_has_ended_goes_first_then_what_was_never_found_then_what_was_found_least() {
        const NONE: Standing = Standing { record: Record { bytes: 0, ends: 0, turn: 0 }, uses: 0 };
        let now = Timestamp::from_unix_seconds(10);
        for (name, places, free, never, least) in [
            ("nothing is held", vec![NONE, NONE], Some(0), None, None),
            ("one that ended before an empty place", vec![NONE, held(10, 0, 3)], Some(1), None, Some(1)),
            ("an empty place", vec![held(11, 0, 0), NONE], Some(1), Some(0), Some(0)),
            ("the oldest", vec![held(11, 2, 0), held(11, 1, 0)], None, Some(1), Some(1)),
            ("younger but never found", vec![held(11, 1, 1), held(11, 2, 0)], None, Some(1), Some(1)),
            ("all were found", vec![held(11, 1, 3), held(11, 3, 2), held(11, 2, 2)], None, None, Some(2)),
        ] {
            let records: Vec<Record> = places.iter().map(|place| place.record).collect();
            assert_eq!(free_place(&records, now), free, "{name}");
            assert_eq!(unused(&places), never, "{name}");
            assert_eq!(least_used(&places), least, "{name}");
        }
    }

    #[test]
    fn a_value_that_outlives_the_century_has_not_ended() {
        let forever = Record::new(1, Timestamp::from_unix_seconds(u64::MAX), 0);
        assert!(!forever.has_ended(Timestamp::from_unix_seconds(4_000_000_000)));
    }
}
