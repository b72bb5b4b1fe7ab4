//! An issuer's keys: fetched ahead of need, once for all who wait, and believed while they are fresh enough.
//!
//! # Rules
//! 1. Reading waits for nobody and, while the keys are fresh, takes no lock. Keys over five minutes old
//!    are fetched again in the background.
//! 2. Where there are no keys yet, all who wait share one fetch. A failure is not tried again within a
//!    second, and one after another not within two; the issuer may ask for up to 30.
//! 3. A token of an unknown key lets the keys be fetched once in 30 seconds, whatever the flood, and once
//!    more where that fails; all such requests share that fetch. A fetch that was under way before may
//!    have been answered before the key was published, so that it counts only where it brought the key.
//! 4. A document that cannot be used, or holds no key that can, changes nothing. Old keys stay until they
//!    are older than is allowed.
//! 5. A fetch is a task of its own: whoever asked for it may hang up. Whatever becomes of that task, the
//!    fetch comes to an end, and those who wait for it go on.
//! 6. A clock that is set back makes keys due and ends every pause: nothing waits for it to catch up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use aws_lc_rs::digest::{SHA256, digest};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::clock::Timestamp;
use crate::jose::Jwks;
use crate::provider::attempts::{Attempts, elapsed};
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
    attempts: Mutex<Attempts>,
    /// The number of the last attempt that has ended.
    ended: watch::Sender<u64>,
}

#[derive(Debug)]
struct Held {
    keys: Arc<Jwks>,
    digest: [u8; 32],
    fetched_at: Timestamp,
}

/// What may be done with keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freshness {
    Fresh,
    /// They serve, and are to be fetched again.
    Due,
    TooOld,
}

impl KeySource {
    pub(crate) fn new(documents: Arc<Documents>, stale_for: Duration) -> Self {
        Self(Arc::new(Inner {
            documents,
            stale_for,
            held: ArcSwapOption::empty(),
            version: AtomicU64::new(0),
            attempts: Mutex::default(),
            ended: watch::Sender::new(0),
        }))
    }

    /// Goes up with each change of the keys.
    ///
    /// Whoever reads it before the keys has keys of this version or of a later one.
    pub(crate) fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// The keys at hand; none where they never came or are too old. Waits for nobody.
    pub(crate) fn held(&self, now: Timestamp) -> Option<Arc<Jwks>> {
        let held = self.0.held.load();
        let held = held.as_ref()?;
        match held.freshness(self.0.stale_for, now) {
            Freshness::Fresh => {}
            Freshness::Due => self.fetch_ahead(now),
            Freshness::TooOld => return None,
        }
        Some(Arc::clone(&held.keys))
    }

    /// The keys at hand, or those of the fetch that all wait for who come before the first.
    pub(crate) async fn first(&self) -> Result<Arc<Jwks>, ProviderError> {
        self.fetched(|held, now| held.freshness(self.0.stale_for, now) != Freshness::TooOld).await
    }

    /// Keys no older than `max_age`, fetched if need be; older ones where that fails.
    pub(crate) async fn fresh(&self, max_age: Duration) -> Result<Arc<Jwks>, ProviderError> {
        self.fetched(|held, now| elapsed(held.fetched_at, now) < max_age).await
    }

    /// Newer keys for a token whose key is not among those at hand, which `helps` looks for; the ones at
    /// hand within the cool-down. Nobody waits for longer than one fetch may take.
    pub(crate) async fn newer(&self, helps: impl Fn(&Jwks) -> bool) -> Result<Arc<Jwks>, ProviderError> {
        let patience = self.0.documents.timeout() + A_LITTLE;
        let failure = match timeout(patience, self.wait_for_newer(&helps)).await {
            // Before the keys are: a failure that is read after them may be of a later attempt.
            Ok(()) => self.attempts().failure(self.now()),
            Err(_) => Some(ProviderError::new(FailedAt::Reaching, "no newer keys came in time")),
        };
        let keys = self.outcome()?;
        match failure {
            Some(failure) if !helps(&keys) => Err(failure),
            _ => Ok(keys),
        }
    }

    async fn wait_for_newer(&self, helps: impl Fn(&Jwks) -> bool) {
        // One that is under way may be too early for the key: then one more.
        for _ in 0..2 {
            let now = self.now();
            let (begun, under_way) = {
                let mut attempts = self.attempts();
                (attempts.begin_for_unknown_key(now), attempts.under_way())
            };
            begun.into_iter().for_each(|fetch| self.spawn(fetch));
            let Some(fetch) = under_way else { return };
            self.wait(fetch).await;
            let has_failed = self.attempts().failure(now).is_some();
            if begun.is_some() || has_failed || self.believed().is_some_and(|keys| helps(&keys)) {
                return;
            }
        }
    }

    /// Fetches keys ahead of need for as long as somebody holds this source.
    pub(crate) fn start_upkeep(&self) {
        drop(tokio::spawn(upkeep(Arc::downgrade(&self.0), self.0.ended.subscribe())));
    }

    /// What is held, where that will do; or else what a fetch brings that begins now or is under way.
    async fn fetched(&self, will_do: impl Fn(&Held, Timestamp) -> bool) -> Result<Arc<Jwks>, ProviderError> {
        let now = self.now();
        let at_hand = || {
            let held = self.0.held.load();
            held.as_ref().filter(|held| will_do(held, now)).map(|held| Arc::clone(&held.keys))
        };
        if let Some(keys) = at_hand() {
            return Ok(keys);
        }
        let (begun, under_way) = {
            let mut attempts = self.attempts();
            // Once more under the lock: a fetch that ended meanwhile has put its keys there before.
            if let Some(keys) = at_hand() {
                return Ok(keys);
            }
            (attempts.begin(now), attempts.under_way())
        };
        begun.into_iter().for_each(|fetch| self.spawn(fetch));
        if let Some(fetch) = under_way {
            self.wait(fetch).await;
        }
        self.outcome()
    }

    /// What is held now; where there is nothing, why.
    fn outcome(&self) -> Result<Arc<Jwks>, ProviderError> {
        self.believed().ok_or_else(|| {
            let failure = self.attempts().failure(self.now());
            failure.unwrap_or_else(|| ProviderError::new(FailedAt::Reaching, "there are no keys"))
        })
    }

    /// What is held and not too old.
    fn believed(&self) -> Option<Arc<Jwks>> {
        let held = self.0.held.load();
        let held =
            held.as_ref().filter(|held| held.freshness(self.0.stale_for, self.now()) != Freshness::TooOld)?;
        Some(Arc::clone(&held.keys))
    }

    /// Begins a fetch of keys that are not fresh, unless somebody else is at it.
    fn fetch_ahead(&self, now: Timestamp) {
        let Ok(mut attempts) = self.0.attempts.try_lock() else { return };
        let held = self.0.held.load();
        let freshness = held.as_ref().map(|held| held.freshness(self.0.stale_for, now));
        let begun = if freshness == Some(Freshness::Fresh) { None } else { attempts.begin(now) };
        drop(attempts);
        begun.into_iter().for_each(|fetch| self.spawn(fetch));
    }

    fn spawn(&self, number: u64) {
        // Not under the lock: where there is no runtime, this fetch ends here and takes it.
        let fetch = Fetch { source: Arc::downgrade(&self.0), number };
        drop(tokio::spawn(fetch.run(Arc::clone(&self.0.documents))));
    }

    /// Waits for the end of a fetch.
    async fn wait(&self, fetch: u64) {
        // The sender lives in what `self` holds.
        let _ = self.0.ended.subscribe().wait_for(|ended| *ended >= fetch).await;
    }

    fn now(&self) -> Timestamp {
        self.0.documents.clock().now()
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.0.attempts()
    }

    /// One look at the keys: what is due is fetched, what is too old is dropped. Returns when to look again.
    fn look(&self) -> Duration {
        let now = self.now();
        let held = self.0.held.load_full();
        let freshness = held.as_ref().map(|held| held.freshness(self.0.stale_for, now));
        if freshness == Some(Freshness::Fresh) {
            return LONGEST_LOOK;
        }
        if let (Some(held), Some(Freshness::TooOld)) = (held, freshness) {
            self.0.forget(&held);
        }
        self.fetch_ahead(now);
        let attempts = self.attempts();
        match attempts.under_way() {
            Some(_) => LONGEST_LOOK,
            None => attempts.pause(now).clamp(SHORTEST_LOOK, LONGEST_LOOK),
        }
    }
}

impl Inner {
    /// Puts a document's keys in place of the old ones.
    fn take(&self, document: &[u8]) -> Result<(), ProviderError> {
        let mut hash = [0_u8; 32];
        hash.copy_from_slice(digest(&SHA256, document).as_ref());
        let fetched_at = self.documents.clock().now();
        let held = self.held.load_full();
        if let Some(held) = held.filter(|held| held.digest == hash) {
            let keys = Arc::clone(&held.keys);
            self.held.store(Some(Arc::new(Held { keys, digest: hash, fetched_at })));
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
        self.held.store(Some(Arc::new(Held { keys: Arc::new(keys), digest: hash, fetched_at })));
        // After the keys: whoever sees the new version sees keys that are no older.
        self.version.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// Drops keys that are too old, unless others came meanwhile.
    fn forget(&self, held: &Arc<Held>) {
        let seen = self.held.compare_and_swap(held, None);
        if seen.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, held)) {
            let issuer = self.documents.issuer().as_str();
            tracing::error!(issuer, "the issuer's keys are too old to be believed: its tokens get 503");
            self.version.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Ends a fetch, and lets those go on who wait for it; does nothing where it has ended.
    fn end(&self, fetch: u64, outcome: Result<(), ProviderError>) {
        let error = outcome.as_ref().err().cloned();
        let Some((before, failures)) = self.attempts().end(fetch, outcome, self.documents.clock().now())
        else {
            return;
        };
        // The next may have begun by now, and even have ended.
        self.ended.send_modify(|ended| *ended = fetch.max(*ended));
        #[cfg(feature = "metrics")]
        metrics::counter!(
            "auth_layer_jwks_fetches_total",
            "outcome" => if error.is_none() { "fetched" } else { "failed" }
        )
        .increment(1);
        let issuer = self.documents.issuer().as_str();
        match error {
            // An outage of a day is no reason for forty thousand lines.
            Some(error) if failures.is_power_of_two() => {
                tracing::warn!(issuer, failures, %error, "the issuer's keys could not be fetched: the old ones stay");
            }
            None if before > 0 => tracing::info!(issuer, before, "the issuer's keys were fetched again"),
            _ => {}
        }
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn freshness(&self, stale_for: Duration, now: Timestamp) -> Freshness {
        // A clock that was set back must not make keys young again, nor too old at once.
        if now < self.fetched_at {
            return Freshness::Due;
        }
        match now.since(self.fetched_at) {
            age if age >= stale_for => Freshness::TooOld,
            age if age >= FETCH_AHEAD => Freshness::Due,
            _ => Freshness::Fresh,
        }
    }
}

/// A fetch under way. Where its task panics, or goes with its runtime, it ends as one that failed.
struct Fetch {
    source: Weak<Inner>,
    number: u64,
}

impl Fetch {
    async fn run(self, documents: Arc<Documents>) {
        let fetched = timeout(documents.timeout(), documents.fetch_jwks()).await;
        let fetched =
            fetched.unwrap_or_else(|_| Err(ProviderError::new(FailedAt::Reaching, "no keys came in time")));
        if let Some(source) = self.source.upgrade() {
            let outcome = fetched.and_then(|document| source.take(&document));
            source.end(self.number, outcome);
        }
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        if let Some(source) = self.source.upgrade() {
            let error =
                ProviderError::new(FailedAt::Reaching, "the task that fetched the keys was torn down");
            source.end(self.number, Err(error));
        }
    }
}

/// Looks after the keys until nobody holds them any more; each fetch that ends is a reason to look.
async fn upkeep(inner: Weak<Inner>, mut ended: watch::Receiver<u64>) {
    while let Some(pause) = inner.upgrade().map(|inner| KeySource(inner).look()) {
        if let Ok(Err(_)) = timeout(pause, ended.changed()).await {
            break;
        }
    }
}

/// So that a fetch which takes all of its time ends before those who wait for it lose patience.
const A_LITTLE: Duration = Duration::from_millis(100);
const FETCH_AHEAD: Duration = Duration::from_secs(300);
const SHORTEST_LOOK: Duration = Duration::from_millis(10);
/// The clock may be one that a test moves, or that was set: it is looked at now and then.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
