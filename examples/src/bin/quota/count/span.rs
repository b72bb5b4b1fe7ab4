//! The time of a log, and the order of its events.

use serde::Serialize;

/// The order in which events came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
    /// Both ways, as where pages were put together in another order.
    Mixed,
}

/// From when to when the events are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    /// The earliest and the latest, in milliseconds.
    ends: Option<(u64, u64)>,
    last: u64,
    later: u64,
    earlier: u64,
}

impl Span {
    pub(super) fn add(&mut self, date: u64) {
        match &mut self.ends {
            None => self.ends = Some((date, date)),
            Some((first, last)) => {
                (*first, *last) = ((*first).min(date), (*last).max(date));
                self.later += u64::from(date > self.last);
                self.earlier += u64::from(date < self.last);
            }
        }
        self.last = date;
    }

    /// Returns the earliest and the latest moment.
    pub(crate) const fn ends(&self) -> Option<(u64, u64)> {
        self.ends
    }

    /// Returns the order; a log stream's events that overtake each other are no other order.
    pub(crate) const fn order(&self) -> Order {
        match (self.later, self.earlier) {
            (later, earlier) if earlier * 20 <= later => Order::OldestFirst,
            (later, earlier) if later * 20 <= earlier => Order::NewestFirst,
            _ => Order::Mixed,
        }
    }

    /// Returns how many events came against the order.
    pub(crate) fn out_of_order(&self) -> u64 {
        self.later.min(self.earlier)
    }
}
