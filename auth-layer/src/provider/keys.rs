//! An issuer's keys: fetched ahead of need, once for all who wait, and believed while they are fresh enough.
//!
//! # Rules
//! 1. Reading takes no lock. Keys over five minutes old are fetched again in the background; no request
//!    waits for that.
//! 2. Where there are no keys yet, all who wait share one fetch. A failure is not tried again within a second.
//! 3. A token of an unknown key lets the keys be fetched once in 30 seconds, whatever the flood; all such
//!    requests share that fetch.
//! 4. A document that cannot be used, or holds no key that can, changes nothing. Old keys stay until they
//!    are older than is allowed.
//! 5. A fetch is a task of its own: whoever asked for it may hang up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use aws_lc_rs::digest::{SHA256, digest};
use tokio::sync::watch;

use crate::clock::Timestamp;
use crate::jose::Jwks;
use crate::provider::documents::Documents;
use crate::provider::error::{FailedAt, ProviderError};

/// The keys of one issuer; its copies share them.
#[derive(Clone, Debug)]
pub(crate) struct KeySource(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    documents: Arc<Documents>,
    /// How old keys may become while they cannot be fetched.
    stale_for: Duration,
    held: ArcSwapOption<Held>,
    /// Goes up with each change of the keys, so that what was verified with older ones is judged again.
    version: AtomicU64,
    state: Mutex<State>,
    /// How many fetches have come to an end.
    ended: watch::Sender<u64>,
}

#[derive(Debug)]
struct Held {
    keys: Arc<Jwks>,
    digest: [u8; 32],
    fetched_at: Timestamp,
}

impl Held {
    /// A clock that was set back must not make keys young again: they are due then.
    fn age(&self, now: Timestamp) -> Duration {
        if now < self.fetched_at { FETCH_AHEAD } else { now.since(self.fetched_at) }
    }
}

#[derive(Debug, Default)]
struct State {
    is_fetching: bool,
    /// The last fetch, where it failed.
    failed: Option<(Timestamp, ProviderError)>,
    failures: u32,
    unknown_key_at: Option<Timestamp>,
}

impl KeySource {
    pub(crate) fn new(documents: Arc<Documents>, stale_for: Duration) -> Self {
        Self(Arc::new(Inner {
            documents,
            stale_for,
            held: ArcSwapOption::empty(),
            version: AtomicU64::new(0),
            state: Mutex::default(),
            ended: watch::Sender::new(0),
        }))
    }

    /// Goes up with each change of the keys.
    pub(crate) fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// The keys at hand; none where they never came or are too old. No lock, no wait.
    pub(crate) fn held(&self, now: Timestamp) -> Option<Arc<Jwks>> {
        let held = self.0.held.load();
        let held = held.as_ref()?;
        let age = held.age(now);
        if age >= FETCH_AHEAD {
            self.begin_unless_failed(now);
        }
        (age < self.0.stale_for).then(|| Arc::clone(&held.keys))
    }

    /// The keys at hand, or those of the fetch that all wait for who come before the first.
    pub(crate) async fn first(&self) -> Result<Arc<Jwks>, ProviderError> {
        self.fresh(self.0.stale_for).await
    }

    /// Keys no older than `max_age`, fetched if need be; older ones where that fails.
    pub(crate) async fn fresh(&self, max_age: Duration) -> Result<Arc<Jwks>, ProviderError> {
        let now = self.0.documents.clock().now();
        let held = self.0.held.load_full();
        if let Some(held) = held.filter(|held| held.age(now) < max_age) {
            return Ok(Arc::clone(&held.keys));
        }
        let ended = self.0.ended.subscribe();
        self.begin_unless_failed(now);
        self.wait(ended).await;
        self.outcome()
    }

    /// Newer keys for a token whose key is not among those at hand; the ones at hand within the cool-down.
    pub(crate) async fn newer(&self) -> Result<Arc<Jwks>, ProviderError> {
        let now = self.0.documents.clock().now();
        let ended = self.0.ended.subscribe();
        {
            let mut state = self.lock();
            let is_cool = state.unknown_key_at.is_none_or(|at| now.since(at) >= UNKNOWN_KEY_COOL_DOWN);
            if is_cool && !state.is_fetching {
                state.unknown_key_at = Some(now);
                self.begin(&mut state);
            }
        }
        self.wait(ended).await;
        if let Some((_, error)) = &self.lock().failed {
            return Err(error.clone());
        }
        self.outcome()
    }

    /// Fetches keys ahead of need for as long as somebody holds this source.
    pub(crate) fn start_upkeep(&self) {
        tokio::spawn(upkeep(Arc::downgrade(&self.0)));
    }

    fn begin_unless_failed(&self, now: Timestamp) {
        let mut state = self.lock();
        let just_failed = state.failed.as_ref().is_some_and(|(at, error)| {
            now < at.plus(error.retry_after().unwrap_or_else(|| backoff(state.failures)))
        });
        if !just_failed && !state.is_fetching {
            self.begin(&mut state);
        }
    }

    fn begin(&self, state: &mut State) {
        state.is_fetching = true;
        let source = self.clone();
        // A task of its own: whoever asked may hang up, and the next one finds the keys.
        let fetch = tokio::spawn(async move {
            let documents = &source.0.documents;
            let fetched = tokio::time::timeout(documents.timeout(), documents.fetch_jwks()).await;
            let fetched = fetched
                .unwrap_or_else(|_| Err(ProviderError::new(FailedAt::Reaching, "no keys came in time")));
            source.end(fetched.and_then(|document| source.take(&document)));
        });
        drop(fetch);
    }

    /// Puts a document's keys in place of the old ones.
    fn take(&self, document: &[u8]) -> Result<(), ProviderError> {
        let mut hash = [0_u8; 32];
        hash.copy_from_slice(digest(&SHA256, document).as_ref());
        let fetched_at = self.0.documents.clock().now();
        let held = self.0.held.load_full();
        if let Some(held) = held.filter(|held| held.digest == hash) {
            let keys = Arc::clone(&held.keys);
            self.0.held.store(Some(Arc::new(Held { keys, digest: hash, fetched_at })));
            return Ok(());
        }
        let keys =
            Jwks::parse(document).map_err(|error| ProviderError::new(FailedAt::Answer, error.to_string()))?;
        if keys.is_empty() {
            return Err(ProviderError::new(
                FailedAt::Answer,
                "the JWKS holds no key that can verify a token",
            ));
        }
        self.0.held.store(Some(Arc::new(Held { keys: Arc::new(keys), digest: hash, fetched_at })));
        self.0.version.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    fn end(&self, outcome: Result<(), ProviderError>) {
        #[cfg(feature = "metrics")]
        metrics::counter!(
            "auth_layer_jwks_fetches_total",
            "outcome" => if outcome.is_ok() { "fetched" } else { "failed" }
        )
        .increment(1);
        let mut state = self.lock();
        state.is_fetching = false;
        match outcome {
            Ok(()) => (state.failed, state.failures) = (None, 0),
            Err(error) => {
                let issuer = self.0.documents.issuer().as_str();
                tracing::warn!(issuer, %error, "the issuer's keys could not be fetched: the old ones stay");
                state.failed = Some((self.0.documents.clock().now(), error));
                state.failures = state.failures.saturating_add(1);
            }
        }
        // Under the lock: whoever subscribed while this fetch was under way sees its end.
        self.0.ended.send_modify(|ended| *ended += 1);
    }

    /// Waits for the end of the fetch that is under way, if there is one.
    async fn wait(&self, mut ended: watch::Receiver<u64>) {
        if self.lock().is_fetching {
            // The sender lives in what `self` holds.
            let _ = ended.changed().await;
        }
    }

    /// What is held now; where there is nothing, why.
    fn outcome(&self) -> Result<Arc<Jwks>, ProviderError> {
        let now = self.0.documents.clock().now();
        let held = self.0.held.load_full();
        if let Some(held) = held.filter(|held| held.age(now) < self.0.stale_for) {
            return Ok(Arc::clone(&held.keys));
        }
        let failed = self.lock().failed.as_ref().map(|(_, error)| error.clone());
        Err(failed.unwrap_or_else(|| ProviderError::new(FailedAt::Reaching, "the keys are too old")))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One look at the keys: what is due is begun, what is too old is dropped. Returns when to look again.
    fn look(&self) -> Duration {
        let now = self.0.documents.clock().now();
        let Some(held) = self.0.held.load_full() else {
            self.begin_unless_failed(now);
            return backoff(self.lock().failures);
        };
        let age = held.age(now);
        if age >= self.0.stale_for {
            let (issuer, age) = (self.0.documents.issuer().as_str(), age.as_secs());
            tracing::error!(issuer, age, "the issuer's keys are too old to be believed: its tokens get 503");
            self.0.held.store(None);
            self.0.version.fetch_add(1, Ordering::AcqRel);
        }
        if age >= FETCH_AHEAD {
            self.begin_unless_failed(now);
            return backoff(self.lock().failures);
        }
        FETCH_AHEAD.saturating_sub(age).clamp(SHORTEST_LOOK, LONGEST_LOOK)
    }
}

/// Looks after the keys until nobody holds them any more.
async fn upkeep(inner: Weak<Inner>) {
    while let Some(pause) = inner.upgrade().map(|inner| KeySource(inner).look()) {
        tokio::time::sleep(pause).await;
    }
}

/// A second, doubled with each failure; never so long that a provider's return goes unnoticed.
fn backoff(failures: u32) -> Duration {
    SHORTEST_LOOK.saturating_mul(1 << failures.saturating_sub(1).min(2)).min(LONGEST_BACKOFF)
}

const FETCH_AHEAD: Duration = Duration::from_secs(300);
const UNKNOWN_KEY_COOL_DOWN: Duration = Duration::from_secs(30);
const SHORTEST_LOOK: Duration = Duration::from_secs(1);
/// The clock may be one that a test moves: it is looked at now and then.
const LONGEST_LOOK: Duration = Duration::from_secs(30);
const LONGEST_BACKOFF: Duration = Duration::from_secs(3);
