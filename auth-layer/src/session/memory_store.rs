//! Sessions in this process's memory: the reference of the contract, and enough for one instance.

use std::collections::HashMap;
use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::{Clock, Timestamp};
use crate::session::store::{SessionStore, StoreError, StoreFuture, Swap, Version};

/// A session store in memory; its copies share their records.
///
/// Limits: 100,000 sessions; one more is refused. A restart forgets them all.
#[derive(Clone)]
pub struct MemoryStore {
    shelf: Arc<Mutex<Shelf>>,
    clock: Clock,
}

#[derive(Default)]
struct Shelf {
    records: HashMap<String, Record>,
    last_version: u64,
}

struct Record {
    bytes: Vec<u8>,
    version: Version,
    expires_at: Timestamp,
}

impl MemoryStore {
    /// Returns an empty store.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { shelf: Arc::default(), clock }
    }

    /// Returns how many sessions are held, expired ones included until they are looked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.with(|shelf| shelf.records.len())
    }

    /// Returns whether no session is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn with<R>(&self, act: impl FnOnce(&mut Shelf) -> R) -> R {
        act(&mut self.shelf.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shelf {
    fn write(&mut self, id: &str, bytes: Vec<u8>, expires_at: Timestamp) {
        self.last_version += 1;
        let record = Record { bytes, version: Version(self.last_version), expires_at };
        self.records.insert(id.to_owned(), record);
    }

    fn living(&mut self, id: &str, now: Timestamp) -> Option<&Record> {
        if self.records.get(id).is_some_and(|record| now >= record.expires_at) {
            self.records.remove(id);
        }
        self.records.get(id)
    }
}

impl SessionStore for MemoryStore {
    fn load<'a>(&'a self, id: &'a str) -> StoreFuture<'a, Option<(Vec<u8>, Version)>> {
        let now = self.clock.now();
        let found =
            self.with(|shelf| shelf.living(id, now).map(|record| (record.bytes.clone(), record.version)));
        Box::pin(ready(Ok(found)))
    }

    fn insert<'a>(&'a self, id: &'a str, record: Vec<u8>, expires_at: Timestamp) -> StoreFuture<'a, ()> {
        let now = self.clock.now();
        let stored = self.with(|shelf| {
            if shelf.records.len() >= MAX_SESSIONS {
                shelf.records.retain(|_, record| now < record.expires_at);
            }
            if shelf.records.len() >= MAX_SESSIONS {
                return Err(StoreError::new("the memory store is full"));
            }
            shelf.write(id, record, expires_at);
            Ok(())
        });
        Box::pin(ready(stored))
    }

    fn compare_and_swap<'a>(
        &'a self,
        id: &'a str,
        expected: Version,
        record: Vec<u8>,
        expires_at: Timestamp,
    ) -> StoreFuture<'a, Swap> {
        let now = self.clock.now();
        let swap = self.with(|shelf| match shelf.living(id, now).map(|record| record.version) {
            None => Swap::Gone,
            Some(version) if version != expected => Swap::Conflict,
            Some(_) => {
                shelf.write(id, record, expires_at);
                Swap::Done
            }
        });
        Box::pin(ready(Ok(swap)))
    }

    fn remove<'a>(&'a self, id: &'a str) -> StoreFuture<'a, ()> {
        self.with(|shelf| shelf.records.remove(id));
        Box::pin(ready(Ok(())))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("sessions", &self.len()).finish_non_exhaustive()
    }
}

const MAX_SESSIONS: usize = 100_000;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn of_two_writers_of_one_version_one_is_refused() {
        let clock = Clock::manual(Timestamp::from_unix_seconds(0));
        let store = MemoryStore::new(clock.clone());
        let end = Timestamp::from_unix_seconds(100);
        store.insert("id", vec![1], end).await.unwrap();
        let (_, version) = store.load("id").await.unwrap().unwrap();
        assert_eq!(store.compare_and_swap("id", version, vec![2], end).await.unwrap(), Swap::Done);
        assert_eq!(store.compare_and_swap("id", version, vec![3], end).await.unwrap(), Swap::Conflict);
        store.remove("id").await.unwrap();
        assert_eq!(store.compare_and_swap("id", version, vec![4], end).await.unwrap(), Swap::Gone);
        store.insert("id", vec![5], end).await.unwrap();
        clock.advance(Duration::from_secs(100));
        assert!(store.load("id").await.unwrap().is_none());
    }
}
