//! Sessions that were logged out, so that no late response or old cookie brings them back.

use std::sync::Arc;
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::clock::Timestamp;

/// The ids of ended sessions, each until the session could not have lived anyway.
///
/// Held by this process: a restart forgets them, and then an old cookie whose refresh token was
/// revoked serves at most what is left of its access token.
#[derive(Clone, Debug)]
pub(crate) struct EndedSessions(Cache<Arc<str>, Timestamp>);

impl EndedSessions {
    /// Remembers each for `lifetime`, the longest that a session lives.
    pub(crate) fn new(lifetime: Duration) -> Self {
        // Deliberately not the default policy, which would turn a newcomer away to keep what is asked
        // about often: here the newest logouts are the ones that matter.
        let policy = EvictionPolicy::lru();
        let cache = Cache::builder().max_capacity(MAX_ENDED).eviction_policy(policy).time_to_live(lifetime);
        Self(cache.build())
    }

    pub(crate) fn insert(&self, id: Arc<str>, until: Timestamp) {
        self.0.insert(id, until);
    }

    pub(crate) fn contains(&self, id: &str, now: Timestamp) -> bool {
        self.0.get(id).is_some_and(|until| now < until)
    }
}

const MAX_ENDED: u64 = 1_000_000;
