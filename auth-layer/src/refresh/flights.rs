//! Who spends a refresh token, who waits, and what came of it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Timestamp;
use crate::identifier::Audience;
use crate::refresh::decide::{Refresh, Wanted};
use crate::refresh::error::{RefreshError, RefreshErrorKind};
use crate::refresh::lock::Lock;
use crate::token::{RefreshKey, TokenSet};

/// What a flight came to.
pub(crate) type Outcome = Result<Arc<TokenSet>, RefreshError>;

/// All flights of a process and their settled results, by refresh token.
#[derive(Debug)]
pub(crate) struct Flights<L = Mutex<Shard>> {
    shards: Box<[L]>,
    grace: Duration,
}

/// One of the maps that share the load of [`Flights`].
#[derive(Debug, Default)]
pub(crate) struct Shard {
    entries: HashMap<RefreshKey, Entry>,
    inserts: usize,
}

enum Entry {
    Running(Flight),
    Settled { successor: Arc<TokenSet>, until: Timestamp },
    Refused { error: RefreshError, until: Timestamp },
    Backoff { attempt: u32, until: Timestamp },
}

/// A refresh under way.
#[derive(Clone)]
pub(crate) struct Flight {
    audience: Option<Audience>,
    refresh: Refresh,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// What a caller finds.
pub(crate) enum Entered<L: Lock<Shard>> {
    /// An earlier refresh already brought this newer set.
    Settled(Arc<TokenSet>),
    /// The flight under way brings what this caller wants.
    Join(Flight),
    /// A flight under way holds the refresh token for something else: wait, and look again.
    Behind(Flight),
    /// The caller leads: it alone may spend the refresh token.
    Lead(Ticket<L>, Flight),
    /// No refresh for now.
    Refused(RefreshError),
}

/// The right to spend one refresh token, once; dropped unused, it counts as a failed attempt.
pub(crate) struct Ticket<L: Lock<Shard> = Mutex<Shard>> {
    flights: Arc<Flights<L>>,
    key: RefreshKey,
    attempt: u32,
    sender: watch::Sender<Option<Outcome>>,
    landed: bool,
    now: Timestamp,
}

impl<L: Lock<Shard>> Flights<L> {
    pub(crate) fn new(grace: Duration) -> Arc<Self> {
        let shards = (0..SHARDS).map(|_| L::new(Shard::default())).collect();
        Arc::new(Self { shards, grace })
    }

    /// Looks what is going on for `key`; at most one caller at a time is given the lead.
    pub(crate) fn enter(
        self: &Arc<Self>,
        key: RefreshKey,
        held: u64,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Entered<L> {
        self.shard(key).with(|shard| {
            let attempt = match shard.entries.get(&key) {
                Some(Entry::Running(flight)) => {
                    let flight = flight.clone();
                    return if flight.brings(wanted) {
                        Entered::Join(flight)
                    } else {
                        Entered::Behind(flight)
                    };
                }
                Some(Entry::Settled { successor, until }) if successor.generation > held && now < *until => {
                    return Entered::Settled(Arc::clone(successor));
                }
                Some(Entry::Refused { error, until }) if now < *until => {
                    return Entered::Refused(error.clone());
                }
                Some(Entry::Backoff { until, .. }) if now < *until => {
                    return Entered::Refused(RefreshError::unavailable(until.since(now)));
                }
                Some(Entry::Backoff { attempt, .. }) => *attempt,
                _ => 0,
            };
            let (sender, outcome) = watch::channel(None);
            let flight = Flight { audience: wanted.audience.clone(), refresh: wanted.refresh, outcome };
            shard.insert(key, Entry::Running(flight.clone()), now);
            let ticket = Ticket { flights: Arc::clone(self), key, attempt, sender, landed: false, now };
            Entered::Lead(ticket, flight)
        })
    }

    /// The browser has shown the successor of `spent`: its settled result is kept for the grace period only.
    pub(crate) fn acknowledge(&self, spent: RefreshKey, now: Timestamp) {
        self.shard(spent).with(|shard| {
            if let Some(Entry::Settled { until, .. }) = shard.entries.get_mut(&spent) {
                *until = (*until).min(now.plus(self.grace));
            }
        });
    }

    /// What a session should be sealed with: the set itself, its settled successor, or nothing while
    /// a flight is about to replace it.
    pub(crate) fn latest(&self, key: RefreshKey, held: u64, now: Timestamp) -> Latest {
        self.shard(key).with(|shard| match shard.entries.get(&key) {
            Some(Entry::Running(_)) => Latest::Changing,
            Some(Entry::Settled { successor, until }) if successor.generation > held && now < *until => {
                Latest::Newer(Arc::clone(successor))
            }
            _ => Latest::Held,
        })
    }

    fn shard(&self, key: RefreshKey) -> &L {
        &self.shards[usize::from(key.0[0]) % SHARDS]
    }
}

/// How a held set stands to what the process knows.
#[derive(Debug)]
pub(crate) enum Latest {
    /// There is none newer.
    Held,
    /// A refresh brought this one.
    Newer(Arc<TokenSet>),
    /// A refresh is under way.
    Changing,
}

impl Flight {
    /// Waits for the outcome; dropping the future changes nothing for the flight.
    pub(crate) async fn outcome(mut self) -> Outcome {
        match self.outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(RefreshError::unavailable(FIRST_BACKOFF))),
            // The task that led was torn down with its runtime.
            Err(_) => Err(RefreshError::unavailable(FIRST_BACKOFF)),
        }
    }

    fn brings(&self, wanted: &Wanted) -> bool {
        let strong_enough = self.refresh == Refresh::Always || wanted.refresh == Refresh::WhenNeeded;
        strong_enough && self.audience == wanted.audience
    }
}

impl<L: Lock<Shard>> Ticket<L> {
    /// The refresh succeeded: `successor` is settled, then every waiting caller sees it.
    pub(crate) fn settle(mut self, successor: Arc<TokenSet>, until: Timestamp, now: Timestamp) {
        let until = until.max(now.plus(self.flights.grace));
        self.land(Entry::Settled { successor: Arc::clone(&successor), until }, Ok(successor), now);
    }

    /// The refresh failed: finally, or until the backoff is over.
    pub(crate) fn fail(mut self, error: RefreshError, now: Timestamp) {
        let (entry, error) = match error.kind() {
            RefreshErrorKind::InvalidGrant | RefreshErrorKind::Expired | RefreshErrorKind::NoRefreshToken => {
                (Entry::Refused { error: error.clone(), until: now.plus(self.flights.grace) }, error)
            }
            // The grant is well: another audience may be asked for at once.
            RefreshErrorKind::Refused => (Entry::Backoff { attempt: 0, until: now }, error),
            RefreshErrorKind::Unavailable => {
                let wait = backoff(self.attempt, self.key, error.retry_after());
                let entry = Entry::Backoff { attempt: self.attempt.saturating_add(1), until: now.plus(wait) };
                (entry, RefreshError::unavailable(wait))
            }
        };
        self.land(entry, Err(error), now);
    }

    fn land(&mut self, entry: Entry, outcome: Outcome, now: Timestamp) {
        self.landed = true;
        self.flights.shard(self.key).with(|shard| shard.insert(self.key, entry, now));
        self.sender.send_replace(Some(outcome));
    }
}

impl<L: Lock<Shard>> Drop for Ticket<L> {
    fn drop(&mut self) {
        if !self.landed {
            let error = RefreshError::unavailable(FIRST_BACKOFF);
            let until = self.now.plus(FIRST_BACKOFF);
            let entry = Entry::Backoff { attempt: self.attempt.saturating_add(1), until };
            self.land(entry, Err(error), self.now);
        }
    }
}

impl Shard {
    fn insert(&mut self, key: RefreshKey, entry: Entry, now: Timestamp) {
        self.entries.insert(key, entry);
        self.inserts += 1;
        if self.inserts.is_multiple_of(SWEEP_EVERY) {
            self.entries.retain(|_, entry| entry.is_needed(now));
        }
        if self.entries.len() > MAX_SETTLED / SHARDS {
            self.evict_oldest();
        }
    }

    fn evict_oldest(&mut self) {
        let settled = |(key, entry): (&RefreshKey, &Entry)| match entry {
            Entry::Running(_) => None,
            Entry::Settled { until, .. } | Entry::Refused { until, .. } | Entry::Backoff { until, .. } => {
                Some((*until, *key))
            }
        };
        if let Some((_, key)) = self.entries.iter().filter_map(settled).min_by_key(|(until, _)| *until) {
            self.entries.remove(&key);
            // Most are of users who went away after their last refresh: nothing to warn of.
            tracing::debug!("over {MAX_SETTLED} settled refreshes are held: the oldest was dropped");
        }
    }
}

impl Entry {
    fn is_needed(&self, now: Timestamp) -> bool {
        match self {
            Self::Running(_) => true,
            Self::Settled { until, .. } | Self::Refused { until, .. } => now < *until,
            // Kept a while longer, so that the next failure knows how many went before.
            Self::Backoff { until, .. } => now < until.plus(MAX_BACKOFF),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running(_) => "Running",
            Self::Settled { .. } => "Settled",
            Self::Refused { .. } => "Refused",
            Self::Backoff { .. } => "Backoff",
        })
    }
}

/// 1 s, doubling to 60 s, spread by a quarter so that sessions do not come back in step.
fn backoff(attempt: u32, key: RefreshKey, retry_after: Option<Duration>) -> Duration {
    let doubled = FIRST_BACKOFF.saturating_mul(1 << attempt.min(6)).min(MAX_BACKOFF);
    let spread = doubled.mul_f64(f64::from(key.0[1]) / 1_024.0);
    retry_after.map_or(doubled + spread, |asked| asked.max(FIRST_BACKOFF))
}

const SHARDS: usize = 16;
const MAX_SETTLED: usize = 65_536;
const SWEEP_EVERY: usize = 256;
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(60);
