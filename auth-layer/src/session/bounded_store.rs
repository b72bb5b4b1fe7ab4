//! A store whose answers are waited for no longer than a second.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::session::store::{Groups, Promises, Record, SessionStore, StoreError, StoreFuture, Swap, Version};

/// A store that gives an answer or an error within [`LONGEST`], whatever becomes of the one behind it.
#[derive(Clone)]
pub(crate) struct BoundedStore {
    store: Arc<dyn SessionStore>,
    /// When it last gave no answer.
    failed_at: Arc<Mutex<Option<Instant>>>,
}

impl BoundedStore {
    pub(crate) fn new(store: Arc<dyn SessionStore>) -> Self {
        Self { store, failed_at: Arc::default() }
    }

    /// How long ago the store last gave no answer.
    pub(crate) fn since_failure(&self) -> Option<Duration> {
        self.failed_at.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed())
    }

    fn bounded<'a, T: Send + 'a>(&'a self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let answered = tokio::time::timeout(LONGEST, answer).await;
            let answered = answered.unwrap_or_else(|_| Err(StoreError::new("no answer within a second")));
            if answered.is_err() {
                *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
            answered
        })
    }
}

impl SessionStore for BoundedStore {
    fn promises(&self) -> Promises {
        self.store.promises()
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        self.bounded(self.store.load(name))
    }

    fn load_all<'a>(&'a self, names: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Record>>> {
        self.bounded(self.store.load_all(names))
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        self.bounded(self.store.insert(name, record, lifetime, groups))
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        self.bounded(self.store.compare_and_swap(name, expected, record, lifetime))
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        self.bounded(self.store.compare_and_remove(name, expected))
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.bounded(self.store.remove(name))
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        self.bounded(self.store.remove_group(group))
    }
}

impl fmt::Debug for BoundedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoundedStore(..)")
    }
}

/// The longest that a store is waited for.
const LONGEST: Duration = Duration::from_secs(1);
