//! What was logged out, so that no late response or old cookie brings it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::clock::Timestamp;

/// The names of what ended, each until no session of it could have lived anyway.
///
/// Held by this process; what a restart must not forget is in a store beside it (see `Tombstones`).
#[derive(Clone, Debug)]
pub(crate) struct EndedSessions {
    ended: Cache<Arc<str>, Ended>,
    filter: Arc<Filter>,
}

#[derive(Clone, Copy, Debug)]
struct Ended {
    until: Timestamp,
    /// Sessions that began up to then are over.
    up_to: Timestamp,
}

impl EndedSessions {
    /// Remembers each for `lifetime`, the longest that a session lives.
    pub(crate) fn new(lifetime: Duration) -> Self {
        // Deliberately not the default policy, which would turn a newcomer away to keep what is asked
        // about often: here the newest logouts are the ones that matter.
        let policy = EvictionPolicy::lru();
        let ended = Cache::builder().max_capacity(MAX_ENDED).eviction_policy(policy).time_to_live(lifetime);
        Self { ended: ended.build(), filter: Arc::new(Filter::new()) }
    }

    /// Ends what is called `name` and began up to a moment; a later moment replaces an earlier one.
    pub(crate) fn insert(&self, name: &str, up_to: Timestamp, until: Timestamp) {
        self.ended.entry(Arc::from(name)).and_upsert_with(|entry| {
            let before = entry.map_or(Timestamp::default(), |entry| entry.into_value().up_to);
            Ended { until, up_to: up_to.max(before) }
        });
        self.filter.mark(name);
    }

    /// Whether what is called `name`, and began at `began`, has ended.
    pub(crate) fn contains(&self, name: &str, began: Timestamp, now: Timestamp) -> bool {
        self.filter.may_hold(name)
            && self.ended.get(name).is_some_and(|ended| now < ended.until && began <= ended.up_to)
    }
}

/// Which ids cannot be among the ended: every request asks, and almost none of them is.
///
/// Bits are set and never cleared; where most are set, the answer is as slow as it would be without.
#[derive(Debug)]
struct Filter(Box<[AtomicU64]>);

impl Filter {
    fn new() -> Self {
        Self((0..FILTER_WORDS).map(|_| AtomicU64::new(0)).collect())
    }

    fn mark(&self, id: &str) {
        let (word, bit) = Self::place(id);
        self.0[word].fetch_or(bit, Ordering::Release);
    }

    fn may_hold(&self, id: &str) -> bool {
        let (word, bit) = Self::place(id);
        self.0[word].load(Ordering::Acquire) & bit != 0
    }

    /// Names end with random characters: a few of them are as good as a hash of all.
    fn place(id: &str) -> (usize, u64) {
        let sum = id.bytes().rev().take(8).fold(0_usize, |sum, byte| (sum << 6) ^ usize::from(byte));
        ((sum >> 6) % FILTER_WORDS, 1 << (sum % 64))
    }
}

const MAX_ENDED: u64 = 1_000_000;
const FILTER_WORDS: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Timestamp = Timestamp::from_unix_seconds(10);
    const ALL: Timestamp = Timestamp::from_unix_millis(u64::MAX);

    #[test]
    fn what_began_later_lives_on_and_no_earlier_word_takes_a_later_one_back() {
        let ended = EndedSessions::new(Duration::from_secs(3_600));
        let (later, until) = (BEGAN.plus(Duration::from_secs(5)), BEGAN.plus(Duration::from_secs(100)));
        ended.insert("ada", later, until);
        ended.insert("ada", BEGAN, until);
        assert!(ended.contains("ada", BEGAN, later) && ended.contains("ada", later, later));
        assert!(!ended.contains("ada", later.plus(Duration::from_millis(1)), later));
    }

    #[test]
    fn every_ended_session_is_known_and_no_other() {
        let ended = EndedSessions::new(Duration::from_secs(3_600));
        let ids: Vec<String> = (0..2_000).map(|_| crate::one_time::random_token()).collect();
        let (gone, living) = ids.split_at(1_000);
        let until = Timestamp::from_unix_seconds(100);
        gone.iter().for_each(|id| ended.insert(id, ALL, until));
        assert!(gone.iter().all(|id| ended.contains(id, BEGAN, BEGAN) && !ended.contains(id, BEGAN, until)));
        assert!(living.iter().all(|id| !ended.contains(id, BEGAN, BEGAN)));
        let passed = living.iter().filter(|id| ended.filter.may_hold(id)).count();
        assert!(passed < 50, "{passed} of 1,000 pass the filter for nothing");
    }
}
