//! A document of the provider's that is fetched once for all, and kept while the provider is away.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;

use crate::clock::{Clock, Timestamp};
use crate::provider::error::ProviderError;

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
        // Whoever waits here finds the document, or the failure, of the one before.
        let mut failed = self.failed.lock().await;
        if let Some(document) = self.held_for(max_age) {
            return Ok(document);
        }
        let now = self.clock.now();
        let stale = self.held.load_full().map(|held| Arc::clone(&held.document));
        if let Some((at, error)) = &*failed
            && now < at.plus(error.retry_after().unwrap_or(COOL_DOWN))
        {
            return stale.ok_or_else(|| error.clone());
        }
        match fetch().await {
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
        (self.clock.now().since(held.fetched_at) < max_age).then(|| Arc::clone(&held.document))
    }
}

const COOL_DOWN: Duration = Duration::from_secs(1);
