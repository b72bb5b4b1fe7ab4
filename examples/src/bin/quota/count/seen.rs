//! Events that came before: pages of a log that was written while it was read overlap.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};

/// The latest `log_id`s, each as a hash of 64 bits: one in 10^14 is taken for another.
#[derive(Debug, Default)]
pub(super) struct Seen {
    hasher: RandomState,
    known: HashSet<u64>,
    in_order: VecDeque<u64>,
}

impl Seen {
    /// Notes an event, and returns whether it is new.
    pub(super) fn is_new(&mut self, id: &str) -> bool {
        let id = self.hasher.hash_one(id);
        if !self.known.insert(id) {
            return false;
        }
        if self.in_order.len() == MOST {
            self.in_order.pop_front().map(|oldest| self.known.remove(&oldest));
        }
        self.in_order.push_back(id);
        true
    }
}

const MOST: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_again_within_65536_events_and_forgotten_after_them() {
        let mut seen = Seen::default();
        assert!(seen.is_new("first"));
        for number in 1..MOST {
            assert!(seen.is_new(&number.to_string()));
        }
        assert!(!seen.is_new("first"));
        assert!(seen.is_new("one more") && seen.is_new("first"));
        assert_eq!((seen.known.len(), seen.in_order.len()), (MOST, MOST));
    }
}
