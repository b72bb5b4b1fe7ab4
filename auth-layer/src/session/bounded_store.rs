//! A store whose answers are waited for no longer than a second.

use std::error::Error as _;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Moment;
use crate::session::store::{Groups, Promises, Record, SessionStore, StoreError, StoreFuture, Swap, Version};

/// A store that gives an answer or an error within [`LONGEST`], whatever becomes of the one behind it.
#[derive(Clone)]
pub(crate) struct BoundedStore(Arc<Inner>);

struct Inner {
    store: Arc<dyn SessionStore>,
    health: Mutex<Health>,
}

#[derive(Default)]
struct Health {
    is_away: bool,
    /// When it last gave no answer.
    failed_at: Option<Moment>,
}

impl BoundedStore {
    pub(crate) fn new(store: Arc<dyn SessionStore>) -> Self {
        Self(Arc::new(Inner { store, health: Mutex::default() }))
    }

    /// Asks the store every two seconds, for as long as anyone uses it.
    ///
    /// So an instance without visitors notices, too, that the store was away for so long that a lease
    /// may have ended whose holder could not renew it.
    pub(crate) fn watch(&self) {
        let watched = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PROBE_EVERY).await;
                let Some(inner) = watched.upgrade() else { return };
                drop(Self(inner).load(PROBE).await);
            }
        });
    }

    /// How long ago the store last gave no answer.
    pub(crate) fn since_failure(&self) -> Option<Duration> {
        self.0.health().failed_at.map(|at| at.elapsed())
    }

    fn bounded<'a, T: Send + 'a>(&'a self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let answered = tokio::time::timeout(LONGEST, answer).await;
            let answered = answered.unwrap_or_else(|_| Err(StoreError::new("no answer within a second")));
            self.0.health().note(answered.as_ref().err());
            answered
        })
    }
}

impl Inner {
    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Health {
    /// Logs what changes, and not each answer.
    fn note(&mut self, error: Option<&StoreError>) {
        #[cfg(feature = "metrics")]
        if error.is_some() {
            metrics::counter!("auth_layer_store_unanswered_total").increment(1);
        }
        match error {
            None if self.is_away => tracing::info!("the session store answers again"),
            Some(error) if !self.is_away => {
                let why = error.source().map(ToString::to_string);
                tracing::error!(%error, why, "sessions get 503 until the session store answers");
            }
            _ => {}
        }
        self.is_away = error.is_some();
        if error.is_some() {
            self.failed_at = Some(Moment::now());
        }
    }
}

impl SessionStore for BoundedStore {
    fn promises(&self) -> Promises {
        self.0.store.promises()
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        self.bounded(self.0.store.load(name))
    }

    fn load_all<'a>(&'a self, names: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Record>>> {
        self.bounded(self.0.store.load_all(names))
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        self.bounded(self.0.store.insert(name, record, lifetime, groups))
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        self.bounded(self.0.store.compare_and_swap(name, expected, record, lifetime))
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        self.bounded(self.0.store.compare_and_remove(name, expected))
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.bounded(self.0.store.remove(name))
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        self.bounded(self.0.store.remove_group(group))
    }
}

impl fmt::Debug for BoundedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoundedStore(..)")
    }
}

/// The longest that a store is waited for.
const LONGEST: Duration = Duration::from_secs(1);
/// A lease lasts for longer, also when it was about to be renewed.
const PROBE_EVERY: Duration = Duration::from_secs(2);
/// Nothing is ever there.
const PROBE: &str = "probe";
