//! Which sessions the provider ended, so that no cookie and no record brings them back.

use std::fmt;
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::clock::Timestamp;
use crate::identifier::Subject;
use crate::session::record::SessionRecord;
use crate::session::store::StoreError;

/// Sessions that are over by the provider's word, each until it could not have lived anyway.
///
/// Held by this process.
#[derive(Clone)]
pub(crate) struct Tombstones {
    sids: Cache<String, ()>,
    /// Until when, by the provider's clock, the id tokens were issued whose sessions are over.
    subjects: Cache<Subject, Timestamp>,
}

impl Tombstones {
    /// Remembers each for `lifetime`, the longest that a session lives.
    pub(crate) fn new(lifetime: Duration) -> Self {
        // Deliberately not the default policy: the newest logouts are the ones that matter.
        Self {
            sids: Cache::builder()
                .max_capacity(MOST)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(lifetime)
                .build(),
            subjects: Cache::builder()
                .max_capacity(MOST)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(lifetime)
                .build(),
        }
    }

    /// Ends the sessions of one session at the provider.
    pub(crate) async fn end_sid(&self, sid: &str) -> Result<(), StoreError> {
        self.sids.insert(sid.to_owned(), ());
        Ok(())
    }

    /// Ends the sessions of a user whose id tokens were issued at `issued_at` or before.
    pub(crate) async fn end_subject(
        &self,
        subject: &Subject,
        issued_at: Timestamp,
    ) -> Result<(), StoreError> {
        // Logouts may come in any order.
        self.subjects
            .entry(subject.clone())
            .and_upsert_with(|held| held.map_or(issued_at, |held| held.into_value().max(issued_at)));
        Ok(())
    }

    pub(crate) fn hold(&self, record: &SessionRecord) -> bool {
        let by_sid = record.sid.as_ref().is_some_and(|sid| self.sids.contains_key(sid.expose()));
        by_sid || self.subjects.get(record.user.subject()).is_some_and(|until| record.issued_at <= until)
    }
}

impl fmt::Debug for Tombstones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tombstones(..)")
    }
}

const MOST: u64 = 1_000_000;
