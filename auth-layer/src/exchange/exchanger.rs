//! Getting a caller its exchanged token: serve, join, or lead.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::clock::{Clock, Timestamp};
use crate::exchange::decide::{Decision, Failed, Kept, decide};
use crate::exchange::error::{ExchangeError, ExchangeErrorKind};
use crate::exchange::kept_tokens::KeptTokens;
use crate::exchange::key::{Key, SubjectKey};
use crate::refresh::{FIRST_BACKOFF, MAX_BACKOFF, backoff};
use crate::token::OwnToken;

/// What a caller gets.
pub(crate) type Outcome = Result<Arc<OwnToken>, ExchangeError>;

/// What an exchange came to.
pub(crate) type Landed = Result<Kept, NotBrought>;

/// An exchange that begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// How many before went without a token.
    pub(crate) before: u32,
    /// Whether callers wait for it, as opposed to: they are served another meanwhile.
    pub(crate) is_waited_for: bool,
}

/// An exchange that brought no token.
#[derive(Clone, Debug)]
pub(crate) struct NotBrought {
    pub(crate) error: ExchangeError,
    /// What another instance left: it lives, and was about to be renewed.
    pub(crate) living: Option<Kept>,
}

impl From<ExchangeError> for NotBrought {
    fn from(error: ExchangeError) -> Self {
        Self { error, living: None }
    }
}

/// The exchanges of one client: what they brought, which are under way, which failed; copies share it all.
#[derive(Clone)]
pub(crate) struct Exchanger(Arc<Inner>);

struct Inner {
    tokens: KeptTokens,
    failed: Cache<Key, Failed>,
    under_way: Mutex<HashMap<Key, Flight>>,
    tasks: TaskTracker,
    clock: Clock,
}

/// An exchange under way.
type Flight = watch::Receiver<Option<Outcome>>;

/// What a caller finds.
enum Entered {
    Served(Arc<OwnToken>),
    Failed(ExchangeError),
    Waits(Flight),
}

impl Exchanger {
    pub(crate) fn new(tasks: TaskTracker, clock: Clock) -> Self {
        let policy = EvictionPolicy::lru();
        let failed =
            Cache::builder().max_capacity(MOST_FAILED).eviction_policy(policy).time_to_live(FAILED_KEPT);
        Self(Arc::new(Inner {
            tokens: KeptTokens::new(),
            failed: failed.build(),
            under_way: Mutex::default(),
            tasks,
            clock,
        }))
    }

    /// Returns the token of this key: the kept one while it is good, another than `refused`, or what
    /// `exchange` brings, once for all who wait.
    ///
    /// # Cancellation
    /// May be dropped at any time: an exchange that was begun goes on in a task of its own.
    pub(crate) async fn obtain<F>(
        &self,
        key: Key,
        refused: Option<&Arc<OwnToken>>,
        exchange: impl FnOnce(Attempt) -> F,
    ) -> Outcome
    where
        F: Future<Output = Landed> + Send + 'static,
    {
        // What almost every call comes to, without a look at what is under way.
        if let Decision::Serve(token) = self.decide(key, refused, self.0.clock.now()) {
            return Ok(token);
        }
        match self.enter(key, refused, exchange) {
            Entered::Served(token) => Ok(token),
            Entered::Failed(error) => Err(error),
            Entered::Waits(mut flight) => match flight.wait_for(Option::is_some).await {
                Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(torn_down())),
                // The task that led was torn down with its runtime.
                Err(_) => Err(torn_down()),
            },
        }
    }

    /// Drops what was got for a subject; what is under way for it is kept until it ends by itself.
    pub(crate) fn forget(&self, subject: &SubjectKey) {
        self.0.tokens.forget(subject);
    }

    fn decide(&self, key: Key, refused: Option<&Arc<OwnToken>>, now: Timestamp) -> Decision {
        let kept = self.0.tokens.get(key);
        decide(kept.as_ref(), refused, self.0.failed.get(&key).as_ref(), now)
    }

    fn enter<F>(
        &self,
        key: Key,
        refused: Option<&Arc<OwnToken>>,
        exchange: impl FnOnce(Attempt) -> F,
    ) -> Entered
    where
        F: Future<Output = Landed> + Send + 'static,
    {
        let mut under_way = self.under_way();
        let now = self.0.clock.now();
        // Looked at again: an exchange lands under this lock, so that none begins twice.
        let living = match self.decide(key, refused, now) {
            Decision::Serve(token) => return Entered::Served(token),
            Decision::Fail(error) => return Entered::Failed(error),
            Decision::Renew(token) => Some(token),
            Decision::Exchange => None,
        };
        let flight = match under_way.get(&key) {
            Some(flight) => flight.clone(),
            None => {
                let (sender, flight) = watch::channel(None);
                under_way.insert(key, flight.clone());
                // A runtime that is being torn down drops the ticket at once, and that takes the same lock.
                drop(under_way);
                let attempt = Attempt { before: self.attempt(key, now), is_waited_for: living.is_none() };
                let exchange = exchange(attempt);
                self.depart(Ticket { exchanger: self.clone(), key, sender, landed: false }, exchange);
                flight
            }
        };
        living.map_or(Entered::Waits(flight), Entered::Served)
    }

    /// How many tries in a row went without a token.
    fn attempt(&self, key: Key, now: Timestamp) -> u32 {
        let before = self.0.failed.get(&key).filter(|failed| failed.goes_on(now, MAX_BACKOFF));
        before.map_or(0, |failed| failed.attempt.saturating_add(1))
    }

    fn depart<F>(&self, ticket: Ticket, exchange: F)
    where
        F: Future<Output = Landed> + Send + 'static,
    {
        let flying = async move { ticket.land(exchange.await) };
        self.0.tasks.spawn(flying.instrument(tracing::info_span!("exchange")));
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Key, Flight>> {
        self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, key: Key, landed: Landed) -> Outcome {
        let now = self.0.clock.now();
        match landed {
            Ok(kept) => {
                self.0.failed.invalidate(&key);
                let token = Arc::clone(&kept.token);
                self.0.tokens.put(key, kept, now);
                Ok(token)
            }
            Err(NotBrought { error, living }) => {
                let attempt = self.attempt(key, now);
                let wait = backoff(attempt, key.subject.spread(), error.retry_after());
                let error = error.with_retry_after(Some(wait));
                tracing::warn!(%error, "a token could not be exchanged");
                self.0
                    .failed
                    .insert(key, Failed { error: error.clone(), attempt, at: now, until: now.plus(wait) });
                let Some(living) = living else { return Err(error) };
                let token = Arc::clone(&living.token);
                self.0.tokens.put(key, living, now);
                Ok(token)
            }
        }
    }
}

/// The right to exchange for one key, once; dropped unused, it counts as a failed attempt.
struct Ticket {
    exchanger: Exchanger,
    key: Key,
    sender: watch::Sender<Option<Outcome>>,
    landed: bool,
}

impl Ticket {
    fn land(mut self, landed: Landed) {
        self.tell(landed);
    }

    fn tell(&mut self, landed: Landed) {
        self.landed = true;
        let mut under_way = self.exchanger.under_way();
        let outcome = self.exchanger.keep(self.key, landed);
        under_way.remove(&self.key);
        drop(under_way);
        self.sender.send_replace(Some(outcome));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.landed {
            self.tell(Err(torn_down().into()));
        }
    }
}

/// Deliberately not derived: whose tokens are kept is nobody's business.
impl fmt::Debug for Exchanger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchanger").finish_non_exhaustive()
    }
}

fn torn_down() -> ExchangeError {
    ExchangeError::new(ExchangeErrorKind::Unavailable).with_retry_after(Some(FIRST_BACKOFF))
}

const MOST_FAILED: u64 = 10_000;
/// As long as a provider may ask for, and the next failure still knows of it.
const FAILED_KEPT: Duration = Duration::from_secs(3_600 + 60);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
