//! A store that remembers what it was given to keep, and leaves out the watch.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth_layer::session::{Groups, Promises, Record, SessionStore, StoreFuture, Swap, Version};

/// A record as the library wrote it.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its name.
    pub name: String,
    /// How many bytes.
    pub bytes: usize,
    /// Its groups, which only a first write has.
    pub groups: Vec<String>,
}

/// A store in front of another one; its copies remember together.
///
/// An instance asks its store every two seconds whether it is there, for a record that never is. That is
/// answered here, so that what the server counts are the operations of sessions and nothing else.
#[derive(Clone, Debug)]
pub struct ObservedStore<S> {
    inner: S,
    written: Arc<Mutex<BTreeMap<String, Written>>>,
}

impl<S> ObservedStore<S> {
    /// Returns a store that has seen nothing.
    pub fn new(inner: S) -> Self {
        Self { inner, written: Arc::default() }
    }

    /// Returns the longest record of a kind, which is what its name begins with.
    pub fn longest(&self, kind: &str) -> Option<Written> {
        let written = self.written();
        let of_kind =
            written.values().filter(|written| written.name.split(':').next() == Some(kind)).cloned();
        of_kind.max_by_key(|written| written.bytes)
    }

    /// Returns the store behind.
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    fn note(&self, name: &str, bytes: usize, groups: &[&str]) {
        let mut written = self.written();
        let record = written.entry(name.to_owned()).or_insert_with(|| Written {
            name: name.to_owned(),
            bytes: 0,
            groups: groups.iter().map(ToString::to_string).collect(),
        });
        record.bytes = record.bytes.max(bytes);
    }

    fn written(&self) -> MutexGuard<'_, BTreeMap<String, Written>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: SessionStore> SessionStore for ObservedStore<S> {
    fn promises(&self) -> Promises {
        self.inner.promises()
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        if name == PROBE { Box::pin(async { Ok(None) }) } else { self.inner.load(name) }
    }

    fn load_all<'a>(&'a self, names: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Record>>> {
        self.inner.load_all(names)
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        self.note(name, record.len(), groups.names);
        self.inner.insert(name, record, lifetime, groups)
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        self.note(name, record.len(), &[]);
        self.inner.compare_and_swap(name, expected, record, lifetime)
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        self.inner.compare_and_remove(name, expected)
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.inner.remove(name)
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        self.inner.remove_group(group)
    }
}

/// What the watch asks for.
const PROBE: &str = "probe";
