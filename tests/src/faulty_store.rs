//! A store that is away when a test wants it to be.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use auth_layer::session::{
    Groups, Promises, Reach, Record, SessionStore, StoreError, StoreFuture, Swap, Version,
};

/// How a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mood {
    /// It answers.
    Well = 0,
    /// It cannot be reached: nothing happens, and every answer is an error.
    Away = 1,
    /// What it is told happens, and the answer is lost.
    Deaf = 2,
    /// It takes whatever it is sent and never answers.
    Stuck = 3,
}

/// A store in front of another one; its copies share their mood.
#[derive(Clone, Debug)]
pub struct FaultyStore<S> {
    inner: S,
    keeps_groups: bool,
    mood: Arc<AtomicU8>,
    calls: Arc<AtomicUsize>,
    written: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl<S: Sync> FaultyStore<S> {
    /// Returns a store that is well.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            keeps_groups: true,
            mood: Arc::default(),
            calls: Arc::default(),
            written: Arc::default(),
        }
    }

    /// Takes the promise of groups back: none is ever removed.
    #[must_use]
    pub fn without_groups(self) -> Self {
        Self { keeps_groups: false, ..self }
    }

    /// Changes how the store is.
    pub fn set(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// Returns how often the store was called.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Returns the last record that was written under each name, also where its answer was lost.
    pub fn written(&self) -> BTreeMap<String, Vec<u8>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, name: &str, record: &[u8]) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), record.to_vec());
    }

    /// Returns the store behind.
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    fn meet<'a, T: Send + 'a>(
        &'a self,
        act: impl FnOnce(&'a S) -> StoreFuture<'a, T> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            match self.mood.load(Ordering::SeqCst) {
                0 => act(&self.inner).await,
                1 => Err(StoreError::new("away")),
                2 => act(&self.inner).await.and_then(|_| Err(StoreError::new("the answer was lost"))),
                _ => std::future::pending().await,
            }
        })
    }
}

impl<S: SessionStore> SessionStore for FaultyStore<S> {
    /// All instances that share its copies are in this process.
    fn promises(&self) -> Promises {
        let all = Promises::all(Reach::Fleet);
        if self.keeps_groups && self.inner.promises().groups() { all } else { all.without_groups() }
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        self.meet(move |inner| inner.load(name))
    }

    fn load_all<'a>(&'a self, names: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Record>>> {
        self.meet(move |inner| inner.load_all(names))
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        self.remember(name, &record);
        self.meet(move |inner| inner.insert(name, record, lifetime, groups))
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        self.remember(name, &record);
        self.meet(move |inner| inner.compare_and_swap(name, expected, record, lifetime))
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        self.meet(move |inner| inner.compare_and_remove(name, expected))
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.meet(move |inner| inner.remove(name))
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        if !self.keeps_groups {
            return Box::pin(std::future::ready(Ok(0)));
        }
        self.meet(move |inner| inner.remove_group(group))
    }
}
