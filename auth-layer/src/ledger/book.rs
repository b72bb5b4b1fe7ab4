//! The ledger: counting, bringing to the store, and reporting.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::clock::{Clock, Moment, Timestamp};
use crate::identifier::Issuer;
use crate::ledger::counts::{Brings, Counts};
use crate::ledger::exchange::Exchange;
use crate::ledger::forecast::Limit;
use crate::ledger::quota::Quota;
use crate::ledger::report::{LedgerReach, LedgerReport};
use crate::ledger::shared::{Batch, SharedLedger};
use crate::ledger::tally::{DayTally, Line};
use crate::period::Day;
use crate::session::{SessionStore, StoreError};

/// Counts token exchanges by grant, client, audience, organization and outcome; its copies share one count.
///
/// See the [module docs](crate::ledger).
#[derive(Clone)]
pub struct Ledger(Arc<Book>);

struct Book {
    since: Timestamp,
    clock: Clock,
    /// None for an API without a client: it exchanges nothing.
    issuer: Option<Issuer>,
    counts: Mutex<Counts>,
    shared: Option<SharedLedger>,
    /// One brings at a time, so that numbers arrive in order.
    outbox: tokio::sync::Mutex<Outbox>,
    is_bringing: AtomicBool,
}

#[derive(Default)]
struct Outbox {
    /// Kept until the store has it.
    batch: Option<Batch>,
    last_number: u64,
    /// When the store last gave no answer.
    away_at: Option<Moment>,
}

/// Says that no task brings any more, also where its runtime is torn down.
struct Bringing(Ledger);

impl Ledger {
    /// A ledger of what clients of this issuer exchange; `store` is what instances share, if they do.
    pub(crate) fn new(clock: Clock, issuer: Option<&Issuer>, store: Option<Arc<dyn SessionStore>>) -> Self {
        let shared = store.zip(issuer).map(|(store, issuer)| SharedLedger::new(store, issuer));
        Self(Arc::new(Book {
            since: clock.now(),
            clock,
            issuer: issuer.cloned(),
            counts: Mutex::default(),
            shared,
            outbox: tokio::sync::Mutex::default(),
            is_bringing: AtomicBool::new(false),
        }))
    }

    pub(crate) fn record(&self, exchange: &Exchange) {
        let Exchange { grant, outcome, at, .. } = *exchange;
        let Some(issuer) = &self.0.issuer else { return };
        let quota = Quota::of(grant, outcome, exchange.audience.as_ref(), issuer);
        let line = Line {
            grant,
            outcome,
            quota,
            client: Some(exchange.client.as_str().to_owned()),
            audience: exchange.audience.as_ref().map(|audience| audience.as_str().to_owned()),
            organization: exchange.organization.as_ref().map(|organization| organization.as_str().to_owned()),
        };
        let brings = if self.0.shared.is_some() { Brings::ToStore } else { Brings::Nowhere };
        self.0.counts().add(&line, at, brings);
        let log_code = grant.log_code(outcome).unwrap_or("none");
        #[cfg(feature = "metrics")]
        {
            let labels = [("log_code", log_code), ("grant", grant.as_str())];
            metrics::counter!("auth_layer_token_exchanges_total", &labels).increment(1);
            if quota == Quota::Counted {
                metrics::counter!("auth_layer_m2m_quota_consumed_total").increment(1);
            }
        }
        tracing::info!(grant = grant.as_str(), log_code, ?quota, at = at.unix_seconds(), "token exchange");
        self.bring_later();
    }

    /// Notes what a client is allowed, for the forecast.
    pub(crate) fn expect(&self, limit: Limit) {
        self.0.counts().expect(limit);
    }

    /// Returns the counts of this process, since it started or for 62 days.
    #[must_use]
    pub fn report(&self) -> LedgerReport {
        let now = self.0.clock.now();
        let counts = self.0.counts();
        // Older days are forgotten.
        let since = counts.days().next().map_or(self.0.since, |(first, _)| first.begins());
        LedgerReport::of(LedgerReach::Process, (since.max(self.0.since), now), counts.days(), counts.limits())
    }

    /// Returns the counts of all instances that share the store, for 62 days; without a store, as
    /// [`Ledger::report`].
    ///
    /// Other instances bring what they count within five seconds, and machine tokens at once.
    ///
    /// # Errors
    /// The store gives no answer.
    ///
    /// # Cancellation
    /// May be dropped at any time: nothing is lost.
    pub async fn report_of_fleet(&self) -> Result<LedgerReport, StoreError> {
        let Some(shared) = &self.0.shared else { return Ok(self.report()) };
        self.bring().await?;
        let now = self.0.clock.now();
        let days: Vec<(Day, DayTally)> = shared.days(Day::of(now)).await?;
        let since = days.first().map_or(now, |(_, tally)| tally.since);
        let limits = self.0.counts().limits().to_vec();
        let days = days.iter().map(|(day, tally)| (*day, tally));
        Ok(LedgerReport::of(LedgerReach::Fleet, (since, now), days, &limits))
    }

    /// Brings to the store what was counted here, and does nothing where there is none.
    ///
    /// # Errors
    /// The store gives no answer: what it lacks is kept, and is brought with what comes next.
    ///
    /// # Cancellation
    /// As an error.
    pub(crate) async fn bring(&self) -> Result<(), StoreError> {
        let Some(shared) = &self.0.shared else { return Ok(()) };
        let began = Moment::now();
        let mut outbox = self.0.outbox.lock().await;
        // Whoever was first has waited for all who stand behind.
        if outbox.away_at.is_some_and(|away_at| away_at > began) {
            return Err(StoreError::new("another call has just found that it gives no answer"));
        }
        loop {
            if outbox.batch.is_none() {
                let Some((day, tally)) = self.0.counts().take_pending() else { return Ok(()) };
                outbox.last_number += 1;
                outbox.batch = Some(Batch { day, tally, number: outbox.last_number });
            }
            if let Some(batch) = &outbox.batch
                && let Err(error) = shared.bring(batch).await
            {
                outbox.away_at = Some(Moment::now());
                return Err(error);
            }
            outbox.batch = None;
        }
    }

    /// Brings within a few seconds what was counted, in a task of its own that ends when it is done.
    fn bring_later(&self) {
        // Outside a runtime there is nobody to do it: the next exchange within one does.
        let (Some(_), Ok(runtime)) = (&self.0.shared, Handle::try_current()) else { return };
        if self.0.is_bringing.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut bringing = Bringing(self.clone());
        runtime.spawn(async move {
            let mut pause = SOON;
            loop {
                sleep(pause).await;
                let ledger = bringing.0.clone();
                // Before it looks what there is: what comes later has a task of its own.
                drop(bringing);
                match ledger.bring().await {
                    Ok(()) => return,
                    Err(error) => {
                        tracing::warn!(%error, "the ledger's counts wait for the session store");
                        if ledger.0.is_bringing.swap(true, Ordering::AcqRel) {
                            return;
                        }
                        bringing = Bringing(ledger);
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                }
            }
        });
    }
}

impl Book {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Bringing {
    fn drop(&mut self) {
        self.0.0.is_bringing.store(false, Ordering::Release);
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reach = if self.0.shared.is_some() { LedgerReach::Fleet } else { LedgerReach::Process };
        f.debug_struct("Ledger").field("since", &self.0.since).field("reach", &reach).finish_non_exhaustive()
    }
}

const SOON: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
