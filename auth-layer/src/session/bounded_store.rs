//! A store whose answers are waited for no longer than a second.

use std::sync::Arc;
use std::time::Duration;

use crate::session::store::{Groups, Promises, Record, SessionStore, StoreError, StoreFuture, Swap, Version};

/// A store that gives an answer or an error within [`LONGEST`], whatever becomes of the one behind it.
pub(crate) struct BoundedStore(Arc<dyn SessionStore>);

impl BoundedStore {
    pub(crate) fn new(store: Arc<dyn SessionStore>) -> Self {
        Self(store)
    }
}

fn bounded<'a, T: Send + 'a>(answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
    Box::pin(async move {
        let answered = tokio::time::timeout(LONGEST, answer).await;
        answered.unwrap_or_else(|_| Err(StoreError::new("no answer within a second")))
    })
}

impl SessionStore for BoundedStore {
    fn promises(&self) -> Promises {
        self.0.promises()
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        bounded(self.0.load(name))
    }

    fn load_all<'a>(&'a self, names: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Record>>> {
        bounded(self.0.load_all(names))
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        bounded(self.0.insert(name, record, lifetime, groups))
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        bounded(self.0.compare_and_swap(name, expected, record, lifetime))
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        bounded(self.0.compare_and_remove(name, expected))
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        bounded(self.0.remove(name))
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        bounded(self.0.remove_group(group))
    }
}

/// The longest that a store is waited for.
const LONGEST: Duration = Duration::from_secs(1);
