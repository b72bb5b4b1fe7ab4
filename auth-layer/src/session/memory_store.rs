//! Records in this process's memory: the reference of the contract, and enough for one instance.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Timestamp};
use crate::session::store::{
    Groups, Promises, Reach, Record, SessionStore, StoreError, StoreFuture, Swap, Version,
};

/// A session store in memory; its copies share their records.
///
/// It promises the whole contract to the tasks of its process. A restart forgets all sessions.
///
/// Limits: 100,000 records; one more is refused.
#[derive(Clone)]
pub struct MemoryStore {
    shelf: Arc<Mutex<Shelf>>,
    clock: Clock,
}

#[derive(Default)]
struct Shelf {
    records: HashMap<String, Kept>,
    /// Names by group; those whose record is gone are dropped with the next sweep.
    groups: HashMap<String, HashSet<String>>,
    last_version: u64,
    inserts: usize,
}

struct Kept {
    record: Record,
    groups: Vec<String>,
    expires_at: Timestamp,
}

impl MemoryStore {
    /// Returns an empty store.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { shelf: Arc::default(), clock }
    }

    /// Returns how many records are held, expired ones included until they are looked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.with(|shelf, _| shelf.records.len())
    }

    /// Returns whether no record is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn with<R>(&self, act: impl FnOnce(&mut Shelf, Timestamp) -> R) -> R {
        act(&mut self.shelf.lock().unwrap_or_else(PoisonError::into_inner), self.clock.now())
    }

    fn answer<'a, T: Send + 'a>(
        &self,
        act: impl FnOnce(&mut Shelf, Timestamp) -> Result<T, StoreError>,
    ) -> StoreFuture<'a, T> {
        Box::pin(ready(self.with(act)))
    }
}

impl Shelf {
    fn next_version(&mut self) -> Version {
        self.last_version += 1;
        Version(self.last_version)
    }

    fn living(&mut self, name: &str, now: Timestamp) -> Option<&mut Kept> {
        if self.records.get(name).is_some_and(|kept| now >= kept.expires_at) {
            self.remove(name);
        }
        self.records.get_mut(name)
    }

    fn remove(&mut self, name: &str) {
        let Some(kept) = self.records.remove(name) else { return };
        for group in kept.groups {
            if let Some(members) = self.groups.get_mut(&group) {
                members.remove(name);
                if members.is_empty() {
                    self.groups.remove(&group);
                }
            }
        }
    }

    fn sweep(&mut self, now: Timestamp) {
        let expired = self.records.iter().filter(|(_, kept)| now >= kept.expires_at);
        for name in expired.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            self.remove(&name);
        }
    }

    fn insert(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        expires_at: Timestamp,
        groups: Groups<'_>,
        now: Timestamp,
    ) -> Result<Swap, StoreError> {
        if self.living(name, now).is_some() {
            return Ok(Swap::Conflict);
        }
        self.inserts += 1;
        if self.inserts.is_multiple_of(SWEEP_EVERY) || self.records.len() >= MAX_RECORDS {
            self.sweep(now);
        }
        if self.records.len() >= MAX_RECORDS {
            return Err(StoreError::new("the memory store is full"));
        }
        let version = self.next_version();
        for group in groups.names {
            self.groups.entry((*group).to_owned()).or_default().insert(name.to_owned());
        }
        let groups = groups.names.iter().map(|group| (*group).to_owned()).collect();
        self.records
            .insert(name.to_owned(), Kept { record: Record::new(bytes, version), groups, expires_at });
        Ok(Swap::Done(version))
    }
}

impl SessionStore for MemoryStore {
    fn promises(&self) -> Promises {
        Promises::all(Reach::Process)
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        self.answer(|shelf, now| Ok(shelf.living(name, now).map(|kept| kept.record.clone())))
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        self.answer(|shelf, now| shelf.insert(name, record, now.plus(lifetime), groups, now))
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        self.answer(|shelf, now| {
            let version = shelf.next_version();
            let Some(kept) = shelf.living(name, now) else { return Ok(Swap::Gone) };
            if kept.record.version != expected {
                return Ok(Swap::Conflict);
            }
            kept.record = Record::new(record, version);
            kept.expires_at = now.plus(lifetime);
            Ok(Swap::Done(version))
        })
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        self.answer(|shelf, now| match shelf.living(name, now).map(|kept| kept.record.version) {
            None => Ok(Swap::Gone),
            Some(version) if version != expected => Ok(Swap::Conflict),
            Some(version) => {
                shelf.remove(name);
                Ok(Swap::Done(version))
            }
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.answer(|shelf, _| {
            shelf.remove(name);
            Ok(())
        })
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        self.answer(|shelf, now| {
            let members = shelf.groups.get(group).cloned().unwrap_or_default();
            let living = members.iter().filter(|name| shelf.living(name, now).is_some()).count();
            members.iter().for_each(|name| shelf.remove(name));
            Ok(living as u64)
        })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("records", &self.len()).finish_non_exhaustive()
    }
}

const MAX_RECORDS: usize = 100_000;
const SWEEP_EVERY: usize = 1_024;
