//! Leases: among instances that share a store, one spends a refresh token, and the others find what came of it.
//!
//! # Rules
//! 1. Whoever is to spend a refresh token first writes that it does (a lease): of many that try, one can.
//!    The others look every moment what came of it, and spend nothing.
//! 2. A lease is renewed while the provider is slow. It ends by itself a lease's length after its holder
//!    died, so that a death delays the others no longer.
//! 3. Its version is its fencing number: a holder that was suspended beyond the end of its lease replaces
//!    no result of another, and one that finds itself late before it has spent anything, starts anew.
//! 4. A result replaces whatever is no result. So the tokens that a late holder has got are found by whoever was
//!    refused meanwhile, and no session ends for it.
//! 5. After the store was away, nobody takes a lease for a second: who has a result that could not be
//!    written brings it in first.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand;
use tokio::time::{sleep, timeout};

use crate::clock::{Clock, Moment, Timestamp};
use crate::refresh::error::{RefreshError, RefreshErrorKind};
use crate::refresh::flights::{FIRST_BACKOFF, LONGEST_REQUEST, MAX_BACKOFF};
use crate::session::{BoundedStore, Holder, NoteAt, RefreshNote, RefreshNotes, StoreError, Swap, Version};
use crate::token::{RefreshKey, TokenSet};

/// The leases of one client's refreshes, in the store that its instances share.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    pub(crate) notes: RefreshNotes,
    pub(crate) store: BoundedStore,
    /// How long a lease is without being renewed.
    pub(crate) length: Duration,
    /// How long another's lease is waited for.
    pub(crate) wait: Duration,
    pub(crate) grace: Duration,
    pub(crate) clock: Clock,
}

/// What a flight finds.
#[derive(Debug)]
pub(crate) enum Claim {
    /// It leads: of all instances it alone may spend the refresh token.
    Lead(Lease),
    /// Another instance has brought this.
    Settled { tokens: Arc<TokenSet>, until: Timestamp },
    /// No refresh for now, or none at all.
    Failed(RefreshError),
}

/// The right of one instance to spend a refresh token.
#[derive(Debug)]
pub(crate) struct Lease {
    note: NoteAt,
    holder: Holder,
    /// None once it was lost.
    version: Option<Version>,
    written_at: Moment,
    length: Duration,
    /// How many tries of any instance went without an answer.
    pub(crate) attempt: u32,
}

/// What became of a result that was to be written.
#[derive(Debug)]
pub(crate) enum Settling {
    /// It is what all instances find.
    Done,
    /// They find another, which was there first.
    Overtaken { tokens: Arc<TokenSet>, until: Timestamp },
}

/// What a refusal of the provider's comes to.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The grant is dead.
    Final,
    /// It was dead because it had been spent: this came of it.
    Overtaken { tokens: Arc<TokenSet>, until: Timestamp },
    /// Another instance holds the lease by now, and will tell.
    Undecided,
}

impl Leases {
    /// Takes the lease of a refresh token, or waits for what comes of another's.
    ///
    /// `held` is the generation of the caller's tokens, for which only a later one is a result: a provider
    /// that does not rotate has one refresh token for all. `since` is when the caller's request began.
    ///
    /// # Errors
    /// The store gives no answer: without a lease nothing is spent.
    pub(crate) async fn claim(
        &self,
        key: RefreshKey,
        held: u64,
        since: Timestamp,
    ) -> Result<Claim, StoreError> {
        let holder = random_holder();
        let claimed = self.compete(key, holder, held, since).await;
        if claimed.is_err() {
            // In a task, since whoever asks for the lease goes on without it.
            tokio::spawn(give_back(self.notes.at(key), holder));
        }
        claimed
    }

    async fn compete(
        &self,
        key: RefreshKey,
        holder: Holder,
        held: u64,
        since: Timestamp,
    ) -> Result<Claim, StoreError> {
        let started = Moment::now();
        if let Some(passed) = self.store.since_failure() {
            sleep(AFTER_AN_OUTAGE.saturating_sub(passed)).await;
        }
        let note = self.notes.at(key);
        let mut pause = FIRST_LOOK;
        loop {
            let written_at = Moment::now();
            let lead = |note, version, attempt| {
                Claim::Lead(Lease {
                    note,
                    holder,
                    version: Some(version),
                    written_at,
                    length: self.length,
                    attempt,
                })
            };
            let mine = RefreshNote::Held { by: holder };
            if let Swap::Done(version) = note.insert(&mine, self.length).await? {
                return Ok(lead(note, version, 0));
            }
            let now = self.clock.now();
            match note.read().await? {
                // The answer to an insert of ours was lost.
                Some((RefreshNote::Held { by }, version)) if by == holder => {
                    return Ok(lead(note, version, 0));
                }
                Some((RefreshNote::Settled { tokens, until }, _))
                    if since < until && tokens.generation > held =>
                {
                    return Ok(Claim::Settled { tokens, until });
                }
                Some((RefreshNote::Refused, _)) => {
                    return Ok(Claim::Failed(RefreshError::new(RefreshErrorKind::InvalidGrant)));
                }
                Some((RefreshNote::Waiting { until, .. }, _)) if now < until => {
                    // Another's clock may be ahead, but not by more than anyone ever waits.
                    let left = until.since(now).min(MAX_BACKOFF);
                    return Ok(Claim::Failed(RefreshError::unavailable(left)));
                }
                Some((RefreshNote::Waiting { attempt, .. }, seen)) => {
                    if let Swap::Done(version) = note.replace(seen, &mine, self.length).await? {
                        return Ok(lead(note, version, attempt));
                    }
                }
                // It is older than what the caller has; or the caller comes so late with a spent refresh
                // token that the provider is to say what that means.
                Some((RefreshNote::Settled { .. }, seen)) => {
                    if let Swap::Done(version) = note.replace(seen, &mine, self.length).await? {
                        return Ok(lead(note, version, 0));
                    }
                }
                Some((RefreshNote::Held { .. }, _)) | None => {}
            }
            if started.elapsed() >= self.wait {
                return Ok(Claim::Failed(RefreshError::unavailable(FIRST_BACKOFF)));
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_LOOK);
        }
    }

    /// The browser has shown the successor of `spent`: its result is kept for the grace period, and for
    /// requests that were there before it ended.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn acknowledge(&self, spent: RefreshKey) -> Result<(), StoreError> {
        let note = self.notes.at(spent);
        let Some((RefreshNote::Settled { tokens, until }, seen)) = note.read().await? else { return Ok(()) };
        let end = self.clock.now().plus(self.grace);
        if end < until {
            let settled = RefreshNote::Settled { tokens, until: end };
            // Whoever was faster has done the same.
            note.replace(seen, &settled, self.grace + LONGEST_REQUEST).await?;
        }
        Ok(())
    }

    /// What came of a refresh token, if anything did that is later than what is held, for whoever began
    /// at `since`.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn settled(
        &self,
        key: RefreshKey,
        held: u64,
        since: Timestamp,
    ) -> Result<Option<Arc<TokenSet>>, StoreError> {
        Ok(match self.notes.at(key).read().await? {
            Some((RefreshNote::Settled { tokens, until }, _))
                if since < until && tokens.generation > held =>
            {
                Some(tokens)
            }
            _ => None,
        })
    }
}

impl Lease {
    /// Whether the lease can be relied on now; one that is not quite new is renewed first.
    ///
    /// To be asked right before the refresh token is spent: an instance may have been suspended since.
    pub(crate) async fn holds(&mut self) -> bool {
        if self.written_at.elapsed() > self.length / 3 {
            self.renew().await;
        }
        self.version.is_some() && self.written_at.elapsed() <= self.length / 3
    }

    /// Waits for `work`, and renews the lease meanwhile.
    pub(crate) async fn while_renewed<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            match timeout(self.length / 3, work.as_mut()).await {
                Ok(done) => return done,
                Err(_) => self.renew().await,
            }
        }
    }

    async fn renew(&mut self) {
        let Some(seen) = self.version else { return };
        let (written_at, mine) = (Moment::now(), RefreshNote::Held { by: self.holder });
        match self.note.replace(seen, &mine, self.length).await {
            Ok(Swap::Done(version)) => {
                self.version = Some(version);
                self.written_at = written_at;
            }
            Ok(Swap::Conflict | Swap::Gone) => {
                tracing::warn!("the lease of a refresh was lost: was this process suspended?");
                self.version = None;
            }
            // The next third may be better.
            Err(error) => tracing::warn!(%error, "the lease of a refresh could not be renewed"),
        }
    }

    /// Writes the result, to be found by all instances for as long as `lifetime`.
    ///
    /// # Errors
    /// The store gives no answer: to be tried again, since nobody else has these tokens.
    pub(crate) async fn settle(
        &mut self,
        tokens: &Arc<TokenSet>,
        until: Timestamp,
        lifetime: Duration,
    ) -> Result<Settling, StoreError> {
        let settled = RefreshNote::Settled { tokens: Arc::clone(tokens), until };
        for _ in 0..TRIES {
            if let Some(seen) = self.version.take()
                && let Swap::Done(_) = self.note.replace(seen, &settled, lifetime).await?
            {
                return Ok(Settling::Done);
            }
            match self.note.read().await? {
                None => {
                    if let Swap::Done(_) = self.note.insert(&settled, lifetime).await? {
                        return Ok(Settling::Done);
                    }
                }
                Some((RefreshNote::Settled { tokens: theirs, until }, _)) => {
                    return Ok(if theirs.is_same_grant(tokens) {
                        // An earlier try was done, and its answer did not come through.
                        Settling::Done
                    } else {
                        Settling::Overtaken { tokens: theirs, until }
                    });
                }
                Some((_, seen)) => self.version = Some(seen),
            }
        }
        Err(StoreError::new("a result could not be written: what is under its name is not ours"))
    }

    /// Writes that the grant is dead, unless another instance knows better.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn refuse(&mut self, grace: Duration) -> Result<Refusal, StoreError> {
        if let Some(seen) = self.version.take()
            && let Swap::Done(_) = self.note.replace(seen, &RefreshNote::Refused, grace).await?
        {
            return Ok(Refusal::Final);
        }
        Ok(match self.note.read().await? {
            Some((RefreshNote::Settled { tokens, until }, _)) => Refusal::Overtaken { tokens, until },
            Some((RefreshNote::Held { .. }, _)) => Refusal::Undecided,
            Some((RefreshNote::Refused | RefreshNote::Waiting { .. }, _)) | None => Refusal::Final,
        })
    }

    /// Writes that the provider gave no answer, and that nobody asks again before `until`.
    ///
    /// Returns false where the lease is lost: another instance has taken it, and may have a result.
    pub(crate) async fn wait(self, attempt: u32, until: Timestamp, now: Timestamp) -> bool {
        let Some(seen) = self.version else { return false };
        let waiting = RefreshNote::Waiting { attempt, until };
        // Kept a while longer, so that the next failure knows how many went before.
        let written = self.note.replace(seen, &waiting, until.since(now) + MAX_BACKOFF).await;
        let is_lost = matches!(written, Ok(Swap::Conflict | Swap::Gone));
        log(written, "that the provider gave no answer");
        !is_lost
    }

    /// Gives the lease back.
    pub(crate) async fn release(self) {
        let Some(seen) = self.version else { return };
        log(self.note.remove(seen).await, "that a refresh is over");
    }
}

/// Gives back a lease that was taken, perhaps, by a write whose answer was lost: others would wait for its end.
async fn give_back(note: NoteAt, holder: Holder) {
    if let Ok(Some((RefreshNote::Held { by }, seen))) = note.read().await
        && by == holder
    {
        log(note.remove(seen).await, "that a lease is not needed");
    }
}

/// What others would be glad to know, but find out by themselves when the lease ends.
fn log(written: Result<Swap, StoreError>, what: &str) {
    if let Err(error) = written {
        tracing::warn!(%error, "other instances could not be told {what}");
    }
}

fn random_holder() -> Holder {
    let mut holder = Holder::default();
    // Deliberately a panic: a machine without randomness must not hold leases.
    rand::fill(&mut holder).expect("the operating system's random generator answers");
    holder
}

/// How soon it is looked what came of another's lease, and how often at last.
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LONGEST_LOOK: Duration = Duration::from_millis(200);
const AFTER_AN_OUTAGE: Duration = Duration::from_secs(1);
const TRIES: usize = 16;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
