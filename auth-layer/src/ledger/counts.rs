//! What one process counted, by day, and what of it the store does not have yet.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::ledger::forecast::Limit;
use crate::ledger::shared::DAYS;
use crate::ledger::tally::{DayTally, Line};
use crate::period::Day;

/// The counts of a process.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    days: BTreeMap<Day, DayTally>,
    /// What was not brought to the store; empty where there is none.
    pending: BTreeMap<Day, DayTally>,
    limits: Vec<Limit>,
}

impl Counts {
    pub(crate) fn add(&mut self, line: &Line, at: Timestamp, brings: Brings) {
        let day = Day::of(at);
        let add = |days: &mut BTreeMap<Day, DayTally>| {
            days.entry(day).or_insert_with(|| DayTally::new(at)).add(line.clone(), at);
            while days.len() > usize::try_from(DAYS).unwrap_or(usize::MAX) {
                days.pop_first();
            }
        };
        add(&mut self.days);
        if let Brings::ToStore = brings {
            add(&mut self.pending);
        }
    }

    pub(crate) fn days(&self) -> impl Iterator<Item = (Day, &DayTally)> {
        self.days.iter().map(|(day, tally)| (*day, tally))
    }

    /// Takes the oldest day that is to be brought.
    pub(crate) fn take_pending(&mut self) -> Option<(Day, DayTally)> {
        self.pending.pop_first()
    }

    /// Notes a limit; one of the same client, period and kind is replaced.
    pub(crate) fn expect(&mut self, limit: Limit) {
        let is_same = |known: &Limit| {
            (&known.client, known.period, known.set_by) == (&limit.client, limit.period, limit.set_by)
        };
        match self.limits.iter().position(is_same) {
            Some(at) => self.limits[at] = limit,
            None if self.limits.len() < MAX_LIMITS => self.limits.push(limit),
            None => {}
        }
    }

    pub(crate) fn limits(&self) -> &[Limit] {
        &self.limits
    }
}

/// Whether what is counted is brought to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brings {
    ToStore,
    Nowhere,
}

const MAX_LIMITS: usize = 64;
