//! Sessions that were logged out, so that no late response or old cookie brings them back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::clock::Timestamp;

/// The ids of ended sessions, each until the session could not have lived anyway.
///
/// Held by this process: a restart forgets them, and then an old cookie whose refresh token was
/// revoked serves at most what is left of its access token.
#[derive(Clone, Debug)]
pub(crate) struct EndedSessions {
    until: Cache<Arc<str>, Timestamp>,
    filter: Arc<Filter>,
}

impl EndedSessions {
    /// Remembers each for `lifetime`, the longest that a session lives.
    pub(crate) fn new(lifetime: Duration) -> Self {
        // Deliberately not the default policy, which would turn a newcomer away to keep what is asked
        // about often: here the newest logouts are the ones that matter.
        let policy = EvictionPolicy::lru();
        let until = Cache::builder().max_capacity(MAX_ENDED).eviction_policy(policy).time_to_live(lifetime);
        Self { until: until.build(), filter: Arc::new(Filter::new()) }
    }

    pub(crate) fn insert(&self, id: &str, until: Timestamp) {
        self.until.insert(Arc::from(id), until);
        self.filter.mark(id);
    }

    pub(crate) fn contains(&self, id: &str, now: Timestamp) -> bool {
        self.filter.may_hold(id) && self.until.get(id).is_some_and(|until| now < until)
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

    /// Ids are random: a few of their bytes are as good as a hash of all.
    fn place(id: &str) -> (usize, u64) {
        let sum = id.bytes().take(8).fold(0_usize, |sum, byte| (sum << 6) ^ usize::from(byte));
        ((sum >> 6) % FILTER_WORDS, 1 << (sum % 64))
    }
}

const MAX_ENDED: u64 = 1_000_000;
const FILTER_WORDS: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ended_session_is_known_and_no_other() {
        let ended = EndedSessions::new(Duration::from_secs(3_600));
        let ids: Vec<String> = (0..2_000).map(|_| crate::one_time::random_token()).collect();
        let (gone, living) = ids.split_at(1_000);
        let until = Timestamp::from_unix_seconds(100);
        gone.iter().for_each(|id| ended.insert(id, until));
        assert!(gone.iter().all(|id| ended.contains(id, Timestamp::default()) && !ended.contains(id, until)));
        assert!(living.iter().all(|id| !ended.contains(id, Timestamp::default())));
        let passed = living.iter().filter(|id| ended.filter.may_hold(id)).count();
        assert!(passed < 50, "{passed} of 1,000 pass the filter for nothing");
    }
}
