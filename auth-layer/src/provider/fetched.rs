//! A document of the provider's that is fetched once for all, and kept while the provider is away.
//!
//! # Rules
//! 1. Reading a fresh one takes no lock. Who finds none waits for the one fetch; whoever has an old one
//!    waits for nobody else's, and two seconds at most for its own.
//! 2. A failure is not tried again within a second, and with an old one at hand not within 30. The provider
//!    may ask for up to 30 as well.
//! 3. A clock that is set back makes the document due and ends every pause.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::clock::{Clock, Timestamp};
use crate::provider::attempts::elapsed;
use crate::provider::error::{FailedAt, ProviderError};

/// A fetched document; reading a fresh one takes no lock.
#[derive(Debug)]
pub(crate) struct Fetched<T> {
    held: ArcSwapOption<Held<T>>,
    failed: Mutex<Option<(Timestamp, ProviderError)>>,
    clock: Clock,
}

#[derive(Debug)]
struct Held<T> {
    document: Arc<T>,
    fetched_at: Timestamp,
}

impl<T> Fetched<T> {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { held: ArcSwapOption::empty(), failed: Mutex::new(None), clock }
    }

    /// Returns the document, fetched if it is older than `max_age`; an old one where that fails.
    pub(crate) async fn fresh<F: Future<Output = Result<T, ProviderError>>>(
        &self,
        max_age: Duration,
        fetch: impl FnOnce() -> F,
    ) -> Result<Arc<T>, ProviderError> {
        if let Some(document) = self.held_for(max_age) {
            return Ok(document);
        }
        let stale = self.held.load_full().map(|held| Arc::clone(&held.document));
        let mut failed = match (self.failed.try_lock(), &stale) {
            (Ok(failed), _) => failed,
            (Err(_), Some(stale)) => return Ok(Arc::clone(stale)),
            // Whoever waits here finds the document, or the failure, of the one before.
            (Err(_), None) => self.failed.lock().await,
        };
        if let Some(document) = self.held_for(max_age) {
            return Ok(document);
        }
        let cool_down = if stale.is_some() { COOL_DOWN_WITH_STALE } else { COOL_DOWN };
        if let Some((at, error)) = &*failed
            && elapsed(*at, self.clock.now()) < error.retry_after().unwrap_or(cool_down).min(MOST_PATIENCE)
        {
            return stale.ok_or_else(|| error.clone());
        }
        let fetched = match &stale {
            Some(_) => timeout(PATIENCE_WITH_STALE, fetch()).await.unwrap_or_else(|_| {
                Err(ProviderError::new(FailedAt::Reaching, "no answer came in time: the old one stays"))
            }),
            None => fetch().await,
        };
        match fetched {
            Ok(document) => {
                let document = Arc::new(document);
                *failed = None;
                self.held.store(Some(Arc::new(Held {
                    document: Arc::clone(&document),
                    fetched_at: self.clock.now(),
                })));
                Ok(document)
            }
            Err(error) => {
                tracing::warn!(%error, "a document of the provider could not be fetched");
                *failed = Some((self.clock.now(), error.clone()));
                stale.ok_or(error)
            }
        }
    }

    fn held_for(&self, max_age: Duration) -> Option<Arc<T>> {
        let held = self.held.load();
        let held = held.as_ref()?;
        (elapsed(held.fetched_at, self.clock.now()) < max_age).then(|| Arc::clone(&held.document))
    }
}

const COOL_DOWN: Duration = Duration::from_secs(1);
const COOL_DOWN_WITH_STALE: Duration = Duration::from_secs(30);
/// Of a document that many need, an hour of patience would be an hour without them.
const MOST_PATIENCE: Duration = Duration::from_secs(30);
/// Less than what the keys may take, which are fetched behind the metadata: they come all the same.
const PATIENCE_WITH_STALE: Duration = Duration::from_secs(2);
