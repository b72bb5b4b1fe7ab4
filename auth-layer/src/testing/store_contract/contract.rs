//! A run of the suite: which store, and how time passes for it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::session::{BoundedStore, Reach, SessionStore};
use crate::testing::store_contract::clauses::{CLAUSES, Clause, Needs};
use crate::testing::store_contract::probe::{Probe, Waiting};
use crate::testing::store_contract::report::{Judged, Report, Verdict};

/// Holds a store to the contract of [`SessionStore`]; see the [module docs](super).
#[must_use]
pub struct StoreContract {
    instances: Vec<Arc<dyn SessionStore>>,
    waiting: Waiting,
}

impl StoreContract {
    /// Begins with this store.
    pub fn of(store: impl SessionStore) -> Self {
        let waiting: Waiting = Box::new(|duration| Box::pin(tokio::time::sleep(duration)));
        Self { instances: vec![bounded(store)], waiting }
    }

    /// Adds an instance that has the same records, such as one with connections of its own.
    pub fn add_instance(mut self, store: impl SessionStore) -> Self {
        self.instances.push(bounded(store));
        self
    }

    /// Replaces how a lifetime is waited for; by default that is real sleep.
    ///
    /// For a store with a [`Clock`](crate::Clock) of its own: advance it, and no time is spent.
    pub fn with_waiting<F>(mut self, waiting: impl Fn(Duration) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.waiting = Box::new(move |duration| Box::pin(waiting(duration)));
        self
    }

    /// Tries every clause that the store promises, one after another, and removes what it left.
    ///
    /// It needs a Tokio runtime with its time enabled; several threads make races sharper.
    ///
    /// # Cancellation
    /// A run that is dropped ends at once, and leaves records under names that nobody else has.
    pub async fn check(self) -> Report {
        let promises = self.instances[0].promises();
        let mut instances = self.instances;
        if promises.swaps() == Reach::Process {
            // Who decides for the tasks of one instance is not asked about another one.
            instances.truncate(1);
        }
        let probe = Arc::new(Probe::new(instances, self.waiting));
        let mut judged = Vec::with_capacity(CLAUSES.len());
        for clause in CLAUSES {
            let is_promised = match clause.needs {
                Needs::Nothing => true,
                Needs::Groups => promises.groups(),
            };
            let verdict = if is_promised { try_one(clause, &probe).await } else { Verdict::NotPromised };
            judged.push(Judged::new(clause.rule, clause.text, verdict));
        }
        probe.remove_all().await;
        Report::new(judged)
    }
}

fn bounded(store: impl SessionStore) -> Arc<dyn SessionStore> {
    Arc::new(BoundedStore::new(Arc::new(store)))
}

/// In a task of its own: a store that panics breaks the clause, and not the run.
async fn try_one(clause: &Clause, probe: &Arc<Probe>) -> Verdict {
    let mut task = JoinSet::new();
    task.spawn((clause.check)(Arc::clone(probe)));
    match task.join_next().await {
        Some(Ok(Ok(()))) => Verdict::Kept,
        Some(Ok(Err(breach))) => Verdict::Broken(breach.to_string()),
        Some(Err(_)) | None => Verdict::Broken("the store panicked".into()),
    }
}

impl fmt::Debug for StoreContract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreContract").field("instances", &self.instances.len()).finish_non_exhaustive()
    }
}
