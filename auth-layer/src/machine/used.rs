//! How many tokens were taken in each period: pure arithmetic over periods and counts.
//!
//! The last three periods of each length are kept, and not the present one alone: where instances have clocks
//! of which one says yesterday, each counts in its own day, and neither begins the other's anew.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::period::Period;

/// Counts by period; as a difference of two, also less than nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Used(Vec<Count>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    period: Period,
    /// Its end, which tells it from others of its length.
    until: Timestamp,
    tokens: i64,
}

impl Used {
    /// How many there were in the period that ends so.
    pub(super) fn tokens(&self, period: Period, until: Timestamp) -> u64 {
        u64::try_from(self.count(period, until)).unwrap_or_default()
    }

    pub(super) fn add(&mut self, period: Period, until: Timestamp, tokens: i64) {
        let tokens = self.count(period, until).saturating_add(tokens);
        self.0.retain(|count| (count.period, count.until) != (period, until));
        // The one that was counted in last goes to the end, and the first of those too many goes.
        self.0.push(Count { period, until, tokens });
        if self.0.iter().filter(|count| count.period == period).count() > KEPT
            && let Some(first) = self.0.iter().position(|count| count.period == period)
        {
            self.0.remove(first);
        }
    }

    /// Adds what another counted; where it took away more than there is, nothing is left.
    pub(super) fn add_all(&mut self, other: &Self) {
        for Count { period, until, tokens } in &other.0 {
            let least = self.count(*period, *until).saturating_neg();
            self.add(*period, *until, (*tokens).max(least));
        }
    }

    /// Notes what was counted between `before` and `after`.
    pub(super) fn add_difference(&mut self, before: &Self, after: &Self) {
        for Count { period, until, tokens } in &after.0 {
            let tokens = tokens.saturating_sub(before.count(*period, *until));
            if tokens != 0 {
                self.add(*period, *until, tokens);
            }
        }
    }

    fn count(&self, period: Period, until: Timestamp) -> i64 {
        let found = self.0.iter().find(|count| (count.period, count.until) == (period, until));
        found.map_or(0, |count| count.tokens)
    }
}

/// How many periods of each length.
const KEPT: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    #[test]
    fn of_each_length_the_three_that_were_counted_in_last_are_kept() {
        let mut used = Used::default();
        used.add(Period::Month, at(9_999), 7);
        for until in [1, 2, 3, 1, 4] {
            used.add(Period::Hour, at(until), 1);
        }
        let tokens = [1, 2, 3, 4].map(|until| used.tokens(Period::Hour, at(until)));
        assert_eq!((tokens, used.tokens(Period::Month, at(9_999))), ([2, 0, 1, 1], 7));
    }

    #[test]
    fn a_difference_added_to_another_count_takes_no_more_than_there_is() {
        let (mut before, mut after) = (Used::default(), Used::default());
        before.add(Period::Day, at(1), 5);
        after.add(Period::Day, at(1), 2);
        after.add(Period::Day, at(2), 4);
        let mut difference = Used::default();
        difference.add_difference(&before, &after);
        let mut used = Used::default();
        used.add(Period::Day, at(1), 1);
        used.add_all(&difference);
        assert_eq!((used.tokens(Period::Day, at(1)), used.tokens(Period::Day, at(2))), (0, 4));
        used.add(Period::Day, at(1), 1);
        assert_eq!(used.tokens(Period::Day, at(1)), 1, "and nothing is owed");
    }

    #[test]
    fn numbers_without_end_do_not_overflow() {
        let (mut used, mut other) = (Used::default(), Used::default());
        used.add(Period::Day, at(1), i64::MIN);
        other.add(Period::Day, at(1), i64::MAX);
        let mut difference = Used::default();
        difference.add_difference(&used, &other);
        difference.add_difference(&other, &used);
        other.add_all(&difference);
        used.add_all(&other);
        used.add(Period::Day, at(1), i64::MAX);
    }
}
