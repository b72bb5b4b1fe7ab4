//! Who keeps the budget: this process, and the store where instances share one.
//!
//! # Rules
//! 1. A token is taken from the budget before it is asked for, by compare-and-swap: however many instances
//!    ask at once, no limit is passed.
//! 2. What brought no token is given back. What got no answer is not: the provider may have issued it.
//! 3. While the store is away this process goes on with what it knows; an instance that dies with a token
//!    taken leaves the budget one smaller.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::clock::Clock;
use crate::config::MachinePolicy;
use crate::identifier::Organization;
use crate::machine::budget::{Reserved, Spending, Warning, heeded};
use crate::machine::error::MachineTokenError;
use crate::one_time::random_number;
use crate::period::Period;
use crate::provider::QuotaNews;
use crate::session::{Groups, SessionStore, StoreError, Swap};

/// The budget of one client.
pub(super) struct BudgetKeeper {
    policy: MachinePolicy,
    clock: Clock,
    /// As this process last saw it.
    here: Mutex<Spending>,
    shared: Option<SharedBudget>,
    /// What the provider last said.
    news: Mutex<QuotaNews>,
}

/// Where instances keep a budget together.
pub(super) struct SharedBudget {
    pub(super) store: Arc<dyn SessionStore>,
    pub(super) name: String,
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
        Self { policy, clock, here: Mutex::default(), shared, news: Mutex::default() }
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
        let now = self.clock.now();
        self.change(|spending| spending.reserve(&self.policy.budget, organization, now)).await
    }

    /// Settles what was taken, with what the provider said of its quota.
    pub(super) async fn settle(
        &self,
        reserved: Reserved,
        spent: Spent,
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
                if spent == Spent::Nothing {
                    spending.give_back(reserved);
                }
                spending.learn(&heeded, organization, now);
                spending.warnings(&self.policy.budget, news, now)
            })
            .await;
        warnings.iter().for_each(warn);
    }

    /// Changes what is kept, for all instances where they share it.
    async fn change<T>(&self, change: impl Fn(&mut Spending) -> T) -> T {
        if let Some(shared) = &self.shared {
            match shared.change(&change).await {
                Ok((done, spending)) => {
                    *lock(&self.here) = spending;
                    return done;
                }
                Err(error) => {
                    tracing::warn!(%error, "this instance keeps its budget alone while the store is away")
                }
            }
        }
        change(&mut lock(&self.here))
    }
}

impl SharedBudget {
    /// What `change` came to, and what is kept after it.
    async fn change<T>(&self, change: impl Fn(&mut Spending) -> T) -> Result<(T, Spending), StoreError> {
        for _ in 0..TRIES {
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
            sleep(Duration::from_millis(2 + random_number() % 20)).await;
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

const VERSION: u8 = 1;
/// Longer than a month.
const KEPT: Duration = Duration::from_secs(40 * 86_400);
const TRIES: usize = 64;
