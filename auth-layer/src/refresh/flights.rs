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
pub(crate) type Outcome = Result<Landing, RefreshError>;

/// The set that a flight landed with.
#[derive(Clone, Debug)]
pub(crate) enum Landing {
    /// Its own: what was wanted is in it.
    Brought(Arc<TokenSet>),
    /// Another instance's, who was first: whatever was wanted is judged again in its light.
    Overtaken(Arc<TokenSet>),
}

/// All flights of a process and their settled results, by refresh token.
#[derive(Debug)]
pub(crate) struct Flights<L = Mutex<Shard>> {
    shards: Box<[L]>,
    grace: Duration,
}

/// One of the maps that share the load of [`Flights`].
#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// Each with the moment it was put there.
    entries: HashMap<RefreshKey, (Entry, Timestamp)>,
    inserts: usize,
}

enum Entry {
    Running(Flight),
    /// For requests that began before `until`, and for none from `kept_until` on.
    Settled {
        successor: Arc<TokenSet>,
        until: Timestamp,
        kept_until: Timestamp,
    },
    Refused {
        error: RefreshError,
        until: Timestamp,
    },
    Backoff {
        attempt: u32,
        until: Timestamp,
    },
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
    ///
    /// `since` is when the caller's request began: whoever was there before the grace period ended is
    /// given the successor however long they took, and spends nothing twice.
    pub(crate) fn enter(
        self: &Arc<Self>,
        key: RefreshKey,
        held: u64,
        wanted: &Wanted,
        since: Timestamp,
        now: Timestamp,
    ) -> Entered<L> {
        self.shard(key).with(|shard| {
            let entry = shard.entries.get(&key).map(|(entry, _)| entry);
            if let Some(successor) = entry.and_then(|entry| entry.successor(held, since, now)) {
                return Entered::Settled(Arc::clone(successor));
            }
            let attempt = match entry {
                Some(Entry::Running(flight)) => {
                    let flight = flight.clone();
                    return if flight.brings(wanted) {
                        Entered::Join(flight)
                    } else {
                        Entered::Behind(flight)
                    };
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
            let flight =
                Flight { audience: wanted.audience.clone(), refresh: wanted.refresh.clone(), outcome };
            shard.insert(key, Entry::Running(flight.clone()), now);
            let ticket = Ticket { flights: Arc::clone(self), key, attempt, sender, landed: false, now };
            Entered::Lead(ticket, flight)
        })
    }

    /// The browser has shown the successor of `spent`: its settled result is kept for the grace period only.
    pub(crate) fn acknowledge(&self, spent: RefreshKey, now: Timestamp) {
        self.shard(spent).with(|shard| {
            if let Some((Entry::Settled { until, kept_until, .. }, _)) = shard.entries.get_mut(&spent) {
                *until = (*until).min(now.plus(self.grace));
                *kept_until = (*kept_until).min(until.plus(LONGEST_REQUEST));
            }
        });
    }

    /// What a session should be sealed with: the set itself, its settled successor, or nothing while
    /// a flight is about to replace it.
    pub(crate) fn latest(&self, key: RefreshKey, held: u64, since: Timestamp, now: Timestamp) -> Latest {
        self.shard(key).with(|shard| match shard.entries.get(&key) {
            Some((Entry::Running(_), _)) => Latest::Changing,
            Some((entry, _)) => entry
                .successor(held, since, now)
                .map_or(Latest::Held, |successor| Latest::Newer(Arc::clone(successor))),
            None => Latest::Held,
        })
    }

    /// Waits for the refresh that is under way for `key`; nothing where there is none, or it failed.
    pub(crate) async fn landing(&self, key: RefreshKey) -> Option<Landing> {
        let flight = self.shard(key).with(|shard| match shard.entries.get(&key) {
            Some((Entry::Running(flight), _)) => Some(flight.clone()),
            _ => None,
        });
        flight?.outcome().await.ok()
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
        let strong_enough = self.refresh == Refresh::Always || wanted.refresh != Refresh::Always;
        strong_enough && self.audience == wanted.audience
    }
}

impl<L: Lock<Shard>> Ticket<L> {
    /// The refresh succeeded: `successor` is settled, then every waiting caller sees it.
    pub(crate) fn settle(mut self, successor: Arc<TokenSet>, until: Timestamp, now: Timestamp) {
        let entry = self.settled(&successor, until, now);
        self.land(entry, Ok(Landing::Brought(successor)), now);
    }

    /// Another instance refreshed meanwhile: `newer` is settled, and nothing was spent.
    pub(crate) fn overtake(mut self, newer: Arc<TokenSet>, until: Timestamp, now: Timestamp) {
        let entry = self.settled(&newer, until, now);
        self.land(entry, Ok(Landing::Overtaken(newer)), now);
    }

    /// How many tries without an answer went before this one.
    pub(crate) const fn attempt(&self) -> u32 {
        self.attempt
    }

    fn settled(&self, successor: &Arc<TokenSet>, until: Timestamp, now: Timestamp) -> Entry {
        // A cookie that holds the older set may leave with the response of a request that was there before.
        let kept_until = if until > now { until.plus(LONGEST_REQUEST) } else { now.plus(self.flights.grace) };
        let until = until.max(now.plus(self.flights.grace));
        Entry::Settled { successor: Arc::clone(successor), until, kept_until }
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
        self.entries.insert(key, (entry, now));
        self.inserts += 1;
        if self.inserts.is_multiple_of(SWEEP_EVERY) {
            self.entries.retain(|_, (entry, _)| entry.is_needed(now));
        }
        if self.entries.len() > MAX_SETTLED / SHARDS {
            self.evict_oldest();
        }
    }

    /// Deliberately not the one that ends first: that is a backoff which holds back a storm, or a
    /// refresh whose browser is asking with both cookies right now.
    fn evict_oldest(&mut self) {
        let landed = self.entries.iter().filter(|(_, (entry, _))| !matches!(entry, Entry::Running(_)));
        if let Some(key) = landed.min_by_key(|(_, (_, at))| *at).map(|(key, _)| *key) {
            self.entries.remove(&key);
            // Most are of users who went away after their last refresh: nothing to warn of.
            tracing::debug!("over {MAX_SETTLED} settled refreshes are held: the oldest was dropped");
        }
    }
}

impl Entry {
    /// What a request that began at `since` with an older set goes on with.
    fn successor(&self, held: u64, since: Timestamp, now: Timestamp) -> Option<&Arc<TokenSet>> {
        match self {
            Self::Settled { successor, until, kept_until } => {
                (successor.generation > held && since < *until && now < *kept_until).then_some(successor)
            }
            _ => None,
        }
    }

    fn is_needed(&self, now: Timestamp) -> bool {
        match self {
            Self::Running(_) => true,
            Self::Settled { kept_until: until, .. } | Self::Refused { until, .. } => now < *until,
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
pub(crate) fn backoff(attempt: u32, key: RefreshKey, retry_after: Option<Duration>) -> Duration {
    let doubled = FIRST_BACKOFF.saturating_mul(1 << attempt.min(6)).min(MAX_BACKOFF);
    let spread = doubled.mul_f64(f64::from(key.0[1]) / 1_024.0);
    retry_after.map_or(doubled + spread, |asked| asked.max(FIRST_BACKOFF))
}

const SHARDS: usize = 16;
const MAX_SETTLED: usize = 65_536;
const SWEEP_EVERY: usize = 256;
pub(crate) const FIRST_BACKOFF: Duration = Duration::from_secs(1);
pub(crate) const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// How long after its grace period a result is kept for requests that were there before.
pub(crate) const LONGEST_REQUEST: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests;
