//! The counts of one day: pure arithmetic over lines and hours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ledger::grant::{Grant, Outcome};
use crate::ledger::quota::Quota;
use crate::period::hour_of;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) grant: Grant,
    pub(crate) outcome: Outcome,
    /// Judged when it was counted, so that no line loses it by being folded.
    pub(crate) quota: Quota,
    pub(crate) client: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) organization: Option<String>,
}

/// The counts of one day, by line and hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DayTally {
    /// When the first of them was counted.
    pub(crate) since: Timestamp,
    lines: BTreeMap<Line, BTreeMap<u8, u64>>,
}

impl DayTally {
    pub(crate) fn new(since: Timestamp) -> Self {
        Self { since, lines: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, line: Line, at: Timestamp) {
        self.add_count(line, hour_of(at), 1);
    }

    fn add_count(&mut self, line: Line, hour: u8, count: u64) {
        let is_full = self.lines.len() >= MAX_LINES && !self.lines.contains_key(&line);
        let line = if is_full { line.folded() } else { line };
        let counted = self.lines.entry(line).or_default().entry(hour).or_default();
        *counted = counted.saturating_add(count);
    }

    /// Adds what another counted of the same day.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.since = self.since.min(other.since);
        for (line, hours) in &other.lines {
            for (hour, count) in hours {
                self.add_count(line.clone(), *hour, *count);
            }
        }
    }

    /// Folds the line with the longest names, again and again, until the rest fits.
    pub(crate) fn fold_until(&mut self, mut fits: impl FnMut(&Self) -> bool) {
        while !fits(self) {
            let named = self.lines.keys().filter(|line| line.length() > 0);
            let Some(longest) = named.max_by_key(|line| line.length()).cloned() else { return };
            let Some(hours) = self.lines.remove(&longest) else { return };
            for (hour, count) in hours {
                let counted =
                    self.lines.entry(longest.clone().folded()).or_default().entry(hour).or_default();
                *counted = counted.saturating_add(count);
            }
        }
    }

    /// More in each hour than can be added up.
    #[cfg(test)]
    pub(crate) fn overflow(&mut self) {
        for hours in self.lines.values_mut() {
            *hours = (0..24).map(|hour| (hour, u64::MAX)).collect();
        }
    }

    /// Each line with what it counted in each hour that had any.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&Line, u8, u64)> {
        self.lines
            .iter()
            .flat_map(|(line, hours)| hours.iter().map(move |(hour, count)| (line, *hour, *count)))
    }
}

impl Line {
    /// The line without its names: what is beyond the bounds is counted there.
    fn folded(self) -> Self {
        Self { client: None, audience: None, organization: None, ..self }
    }

    fn length(&self) -> usize {
        [&self.client, &self.audience, &self.organization].into_iter().flatten().map(String::len).sum()
    }
}

/// Distinct lines of a day; there are at most 54 folded ones beside them.
const MAX_LINES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn line(audience: &str) -> Line {
        Line {
            grant: Grant::ClientCredentials,
            outcome: Outcome::Token,
            quota: Quota::Counted,
            client: Some("worker".into()),
            audience: Some(audience.into()),
            organization: None,
        }
    }

    fn total(tally: &DayTally) -> u64 {
        tally.counts().map(|(_, _, count)| count).sum()
    }

    #[test]
    fn what_is_beyond_the_bound_is_counted_without_its_names() {
        let mut tally = DayTally::new(Timestamp::default());
        for audience in 0..10_000 {
            tally.add(line(&audience.to_string()), Timestamp::from_unix_seconds(audience % 86_400));
        }
        assert_eq!(total(&tally), 10_000, "nothing is lost");
        assert!(tally.lines.len() <= MAX_LINES + 1);
    }

    #[test]
    fn two_tallies_of_a_day_add_up_by_hour() {
        let (at, later) = (Timestamp::from_unix_seconds(10), Timestamp::from_unix_seconds(3_700));
        let mut ours = DayTally::new(later);
        ours.add(line("a"), later);
        let mut theirs = DayTally::new(at);
        theirs.add(line("a"), at);
        theirs.add(line("a"), later);
        theirs.add(line("b"), later);
        ours.merge(&theirs);
        let counts: Vec<_> =
            ours.counts().map(|(line, hour, count)| (line.audience.as_deref(), hour, count)).collect();
        assert_eq!(counts, [(Some("a"), 0, 1), (Some("a"), 1, 2), (Some("b"), 1, 1)]);
        assert_eq!(ours.since, at);
    }

    #[test]
    fn a_tally_that_is_too_long_loses_names_and_no_count() {
        let mut tally = DayTally::new(Timestamp::default());
        for audience in 0..100 {
            tally.add(line(&"x".repeat(audience + 1)), Timestamp::default());
        }
        tally.fold_until(|tally| tally.lines.len() <= 10);
        assert_eq!((total(&tally), tally.lines.len()), (100, 10));
        tally.fold_until(|_| false);
        assert_eq!((total(&tally), tally.lines.len()), (100, 1), "and it ends");
    }
}
