//! The other instances of cookie sessions: what they have to know, and what they have brought.

use std::sync::Arc;

use moka::sync::Cache;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::clock::Timestamp;
use crate::identifier::{ClientId, Issuer};
use crate::refresh::lease::Leases;
use crate::session::StoreError;
use crate::token::{RefreshKey, TokenSet};

/// What instances tell each other of cookie sessions beside who refreshes them.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere {
    leases: Leases,
    issuer: Issuer,
    client: ClientId,
    tasks: TaskTracker,
    /// Those that were acknowledged, so that each costs the store a look and no more.
    acknowledged: Cache<RefreshKey, ()>,
}

impl Elsewhere {
    pub(crate) fn new(leases: Leases, issuer: Issuer, client: ClientId, tasks: TaskTracker) -> Self {
        let acknowledged = Cache::builder().max_capacity(MOST).build();
        Self { leases, issuer, client, tasks, acknowledged }
    }

    /// Tells, once for each refresh, that a browser has shown the successor of `spent`: its result need
    /// not be kept much longer.
    ///
    /// A request does not wait for it; one that is lost leaves a note in the store for as long as the session
    /// could have been idle.
    pub(crate) fn acknowledge(&self, spent: RefreshKey) {
        if self.acknowledged.contains_key(&spent) {
            return;
        }
        self.acknowledged.insert(spent, ());
        let elsewhere = self.clone();
        let telling = async move {
            if let Err(error) = elsewhere.leases.acknowledge(spent).await {
                tracing::debug!(%error, "that a browser has its refreshed session could not be noted");
                elsewhere.acknowledged.invalidate(&spent);
            }
        };
        self.tasks.spawn(telling.instrument(tracing::info_span!("acknowledge")));
    }

    /// Returns the tokens that another instance has brought in place of `held`, if one has.
    ///
    /// For a response that is about to write the session's cookie: it may arrive after the one that
    /// brings the newer tokens, and must not put the older ones in their place.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn newer(
        &self,
        held: &TokenSet,
        now: Timestamp,
    ) -> Result<Option<Arc<TokenSet>>, StoreError> {
        let Some(token) = &held.refresh_token else { return Ok(None) };
        let key = RefreshKey::new(token, &self.client, &self.issuer);
        self.leases.settled(key, held.generation, now).await
    }
}

/// One for each session that is in use here; older ones cost a look again.
const MOST: u64 = 100_000;
