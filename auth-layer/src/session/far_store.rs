//! A store on the other side of a network, for tests: it takes its time, gets stuck, and loses its answers.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use crate::clock::Clock;
use crate::session::memory_store::MemoryStore;
use crate::session::store::{Groups, Promises, Record, SessionStore, StoreError, StoreFuture, Swap, Version};

/// A [`MemoryStore`] that answers after 2 ms, if at all.
pub(crate) struct FarStore {
    store: MemoryStore,
    is_stuck: AtomicBool,
    losses: AtomicU32,
}

impl FarStore {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { store: MemoryStore::new(clock), is_stuck: AtomicBool::new(false), losses: AtomicU32::new(0) }
    }

    /// Does nothing and never answers, until it [recovers](Self::recover).
    pub(crate) fn get_stuck(&self) {
        self.is_stuck.store(true, Ordering::SeqCst);
    }

    /// Does what it is told with the next so many writes, and loses the answers.
    pub(crate) fn lose_answers(&self, count: u32) {
        self.losses.store(count, Ordering::SeqCst);
    }

    pub(crate) fn recover(&self) {
        self.is_stuck.store(false, Ordering::SeqCst);
        self.lose_answers(0);
    }

    fn read<'a, T: Send + 'a>(&'a self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            sleep(Duration::from_millis(2)).await;
            if self.is_stuck.load(Ordering::SeqCst) { std::future::pending().await } else { answer.await }
        })
    }

    fn write<'a, T: Send + 'a>(&'a self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let answer = self.read(answer).await;
            let lost =
                self.losses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if lost.is_ok() { answer.and(Err(StoreError::new("lost"))) } else { answer }
        })
    }
}

impl SessionStore for FarStore {
    fn promises(&self) -> Promises {
        self.store.promises()
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        self.read(self.store.load(name))
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        self.write(self.store.insert(name, record, lifetime, groups))
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        self.write(self.store.compare_and_swap(name, expected, record, lifetime))
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        self.write(self.store.compare_and_remove(name, expected))
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.write(self.store.remove(name))
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        self.write(self.store.remove_group(group))
    }
}
