//! What the browsers have shown of refreshes, for the other instances.

use moka::sync::Cache;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::refresh::lease::Leases;
use crate::token::RefreshKey;

/// Notes once, for each refresh whose successor a browser has shown here, that its result need not be
/// kept much longer.
///
/// A request does not wait for it; one that is lost leaves a note in the store for as long as the session
/// could have been idle.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledgements {
    leases: Leases,
    tasks: TaskTracker,
    /// Those that were noted, so that each costs the store a look and no more.
    noted: Cache<RefreshKey, ()>,
}

impl Acknowledgements {
    pub(crate) fn new(leases: Leases, tasks: TaskTracker) -> Self {
        Self { leases, tasks, noted: Cache::builder().max_capacity(MOST_NOTED).build() }
    }

    pub(crate) fn note(&self, spent: RefreshKey) {
        if self.noted.contains_key(&spent) {
            return;
        }
        self.noted.insert(spent, ());
        let acknowledgements = self.clone();
        let noting = async move {
            if let Err(error) = acknowledgements.leases.acknowledge(spent).await {
                tracing::debug!(%error, "that a browser has its refreshed session could not be noted");
                acknowledgements.noted.invalidate(&spent);
            }
        };
        self.tasks.spawn(noting.instrument(tracing::info_span!("acknowledge")));
    }
}

/// One for each session that is in use here; older ones cost a look again.
const MOST_NOTED: u64 = 100_000;
