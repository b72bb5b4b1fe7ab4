//! Who keeps the budget: this process, and the store where instances share one.
//!
//! # Rules
//! 1. A token is taken from the budget before it is asked for, by compare-and-swap: however many instances
//!    ask at once, no limit is passed.
//! 2. What brought no token is given back: a refusal, a 429, a 503, a connection that was not made. What got no
//!    answer, or another 5xx, is not: the provider may have issued it.
//! 3. While the store is away this process goes on with what it knows, and brings what it took, and what it was
//!    told of the quota, when the store is back. Where the store's answer was lost a token may count twice.
//! 4. An instance that dies with a token taken leaves the budget one smaller.
//! 5. Callers of one process change the budget one after another, so that they do not get in each other's way;
//!    all who wait go on alone as soon as one of them finds that the store is away.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::clock::{Clock, Moment};
use crate::config::MachinePolicy;
use crate::identifier::Organization;
use crate::machine::budget::{Reserved, Spending, Warning, heeded, refused_for_quota};
use crate::machine::error::MachineTokenError;
use crate::one_time::random_number;
use crate::period::Period;
use crate::provider::{FailedAt, ProviderError, QuotaNews};
use crate::session::{Groups, SessionStore, StoreError, Swap};

/// The budget of one client.
pub(super) struct BudgetKeeper {
    policy: MachinePolicy,
    clock: Clock,
    /// As this process last saw it.
    here: Mutex<Spending>,
    shared: Option<SharedBudget>,
    /// Whose turn it is to change what is shared.
    turn: tokio::sync::Mutex<Turn>,
    /// What the provider last said.
    news: Mutex<QuotaNews>,
}

/// Where instances keep a budget together.
pub(super) struct SharedBudget {
    pub(super) store: Arc<dyn SessionStore>,
    pub(super) name: String,
}

#[derive(Default)]
struct Turn {
    /// What was changed here and not there.
    owed: Spending,
    /// When the store last gave no answer.
    away_at: Option<Moment>,
}

/// What came of an exchange, as the budget sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    Token,
    /// The provider said that it issued none.
    Nothing,
    /// It may have issued one.
    Unknown,
}

impl BudgetKeeper {
    pub(super) fn new(policy: MachinePolicy, clock: Clock, shared: Option<SharedBudget>) -> Self {
        Self {
            policy,
            clock,
            here: Mutex::default(),
            shared,
            turn: tokio::sync::Mutex::default(),
            news: Mutex::default(),
        }
    }

    /// What the provider last said of its quota.
    pub(super) fn news(&self) -> QuotaNews {
        lock(&self.news).clone()
    }

    /// How many tokens were taken in the present period, as this process last saw it.
    pub(super) fn used(&self, period: Period) -> u64 {
        lock(&self.here).used(period, self.clock.now())
    }

    /// Takes one token from the budget.
    ///
    /// # Errors
    /// A limit is reached, or the provider said that nothing is left.
    pub(super) async fn reserve(
        &self,
        organization: Option<&Organization>,
    ) -> Result<Reserved, MachineTokenError> {
        // By the time when it is taken, which may be a while after it was asked for.
        self.change(|spending| spending.reserve(&self.policy.budget, organization, self.clock.now())).await
    }

    /// Settles what was taken, with what the provider said of its quota.
    pub(super) async fn settle(
        &self,
        reserved: Reserved,
        spent: Spent,
        news: &QuotaNews,
        organization: Option<&Organization>,
    ) {
        let given_back = (spent == Spent::Nothing).then_some(reserved);
        self.note(given_back, news, organization).await;
    }

    /// Heeds what the provider said of its quota with an answer that took nothing from it.
    pub(super) async fn learn(&self, news: &QuotaNews, organization: Option<&Organization>) {
        // Nothing is new: the store need not be asked.
        if *news != QuotaNews::default() {
            self.note(None, news, organization).await;
        }
    }

    async fn note(
        &self,
        given_back: Option<Reserved>,
        news: &QuotaNews,
        organization: Option<&Organization>,
    ) {
        if *news != QuotaNews::default() {
            *lock(&self.news) = news.clone();
        }
        let now = self.clock.now();
        let heeded = heeded(news, self.policy.quota_headers);
        let warnings = self
            .change(|spending| {
                if let Some(reserved) = given_back {
                    spending.give_back(reserved);
                }
                spending.learn(&heeded, organization, now);
                spending.warnings(&self.policy.budget, news, now)
            })
            .await;
        warnings.iter().for_each(warn);
    }

    /// What a 429 says that is for want of quota, and not only for too many requests at once.
    pub(super) fn refused_for_quota(
        &self,
        error: &ProviderError,
        news: &QuotaNews,
    ) -> Option<MachineTokenError> {
        if error.stage() != FailedAt::RateLimit {
            return None;
        }
        refused_for_quota(&heeded(news, self.policy.quota_headers), self.clock.now())
    }

    /// Changes what is kept, for all instances where they share it.
    async fn change<T>(&self, change: impl Fn(&mut Spending) -> T) -> T {
        let Some(shared) = &self.shared else { return change(&mut lock(&self.here)) };
        let began = Moment::now();
        let mut turn = self.turn.lock().await;
        let Turn { owed, away_at } = &mut *turn;
        if away_at.is_none_or(|away_at| away_at <= began) {
            let now = self.clock.now();
            let paid = |spending: &mut Spending| {
                spending.pay(owed, now);
                change(spending)
            };
            match shared.change(paid).await {
                Ok((done, spending)) => {
                    *owed = Spending::default();
                    *lock(&self.here) = spending;
                    return done;
                }
                Err(error) => {
                    tracing::warn!(%error, "this instance keeps its budget alone while the store is away");
                    *away_at = Some(Moment::now());
                }
            }
        }
        let mut here = lock(&self.here);
        let before = here.clone();
        let done = change(&mut here);
        owed.owe(&before, &here);
        done
    }
}

impl SharedBudget {
    /// What `change` came to, and what is kept after it.
    async fn change<T>(&self, change: impl Fn(&mut Spending) -> T) -> Result<(T, Spending), StoreError> {
        for tries in 1..=TRIES {
            let found = self.store.load(&self.name).await?;
            let before = found.as_ref().map_or_else(Spending::default, |found| decode(&found.bytes));
            let mut spending = before.clone();
            let done = change(&mut spending);
            if spending == before {
                return Ok((done, spending));
            }
            let bytes = postcard::to_extend(&spending, vec![VERSION])
                .expect("numbers and strings always have a compact form");
            let swap = match found {
                None => self.store.insert(&self.name, bytes, KEPT, Groups::none()).await?,
                Some(found) => self.store.compare_and_swap(&self.name, found.version, bytes, KEPT).await?,
            };
            if let Swap::Done(_) = swap {
                return Ok((done, spending));
            }
            // Wider and wider apart, the more instances there are.
            sleep(Duration::from_millis(2 + random_number() % (20 * tries).min(LONGEST_PAUSE))).await;
        }
        Err(StoreError::new("the budget could not be written: too many instances write it at once"))
    }
}

/// What does not read is none: it begins anew, and says so.
fn decode(bytes: &[u8]) -> Spending {
    let read = match bytes {
        [VERSION, body @ ..] => postcard::from_bytes(body).ok(),
        _ => None,
    };
    read.unwrap_or_else(|| {
        tracing::error!("the budget in the store cannot be read: it begins anew");
        Spending::default()
    })
}

fn warn(warning: &Warning) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_layer_m2m_budget_warnings_total").increment(1);
    let Warning { set_by, period, used, limit, resets_at } = warning;
    tracing::warn!(
        ?set_by,
        period = period.as_str(),
        used,
        limit,
        resets_at = resets_at.unix_seconds(),
        "a quota of machine tokens is nearly used up"
    );
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for BudgetKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BudgetKeeper").field("budget", &self.policy.budget).finish_non_exhaustive()
    }
}

const VERSION: u8 = 2;
/// Longer than a month.
const KEPT: Duration = Duration::from_secs(40 * 86_400);
const TRIES: u64 = 64;
/// Milliseconds.
const LONGEST_PAUSE: u64 = 200;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
