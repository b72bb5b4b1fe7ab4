//! How many tokens may still be asked for: pure arithmetic over limits, quotas and time.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::{Budget, QuotaHeaders};
use crate::identifier::Organization;
use crate::ledger::SetBy;
use crate::machine::error::{MachineTokenError, MachineTokenErrorKind};
use crate::machine::used::Used;
use crate::period::Period;
use crate::provider::{Bucket, QuotaNews};

/// What a client has used, and until when the provider gives it nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spending {
    used: Used,
    closed: Option<Closed>,
    closed_organizations: BTreeMap<String, Closed>,
    /// The ends of the periods that were warned of, for the budget and for the provider's quota.
    warned: [[Timestamp; 3]; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Closed {
    since: Timestamp,
    until: Timestamp,
    period: Option<Period>,
}

/// A token that was taken from the budget before it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reserved {
    until: [Timestamp; 3],
}

/// What is nearly used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    pub(crate) set_by: SetBy,
    pub(crate) period: Period,
    pub(crate) used: u64,
    pub(crate) limit: u64,
    pub(crate) resets_at: Timestamp,
}

impl Spending {
    /// Takes one token from the budget.
    ///
    /// # Errors
    /// A limit is reached, or the provider said that nothing is left.
    pub(crate) fn reserve(
        &mut self,
        budget: &Budget,
        organization: Option<&Organization>,
        now: Timestamp,
    ) -> Result<Reserved, MachineTokenError> {
        let of_organization =
            organization.and_then(|organization| self.closed_organizations.get(organization.as_str()));
        let closed = [self.closed.as_ref(), of_organization].into_iter().flatten();
        if let Some(closed) = closed.filter(|closed| closed.holds(now)).max_by_key(|closed| closed.until) {
            return Err(exhausted(SetBy::Provider, closed.period, closed.until, now));
        }
        let is_reached =
            |period: &Period| budget.limit(*period).is_some_and(|limit| self.used(*period, now) >= limit);
        // The longest: before it ends, the end of a shorter one changes nothing.
        if let Some(period) = PERIODS.into_iter().rev().find(is_reached) {
            return Err(exhausted(SetBy::Budget, Some(period), period.ends(now), now));
        }
        let until = PERIODS.map(|period| period.ends(now));
        for (period, until) in PERIODS.into_iter().zip(until) {
            self.used.add(period, until, 1);
        }
        Ok(Reserved { until })
    }

    /// Gives back what was taken, since no token was issued for it.
    pub(crate) fn give_back(&mut self, reserved: Reserved) {
        for (period, until) in PERIODS.into_iter().zip(reserved.until) {
            if self.used.tokens(period, until) > 0 {
                self.used.add(period, until, -1);
            }
        }
    }

    /// Notes what became of `before` while the store was away.
    pub(crate) fn owe(&mut self, before: &Self, after: &Self) {
        self.used.add_difference(&before.used, &after.used);
        if after.closed != before.closed {
            self.closed = after.closed;
        }
        let is_news =
            |(name, closed): &(&String, &Closed)| before.closed_organizations.get(*name) != Some(*closed);
        let news = after.closed_organizations.iter().filter(is_news);
        self.closed_organizations.extend(news.map(|(name, closed)| (name.clone(), *closed)));
    }

    /// Brings in what was noted while the store was away.
    pub(crate) fn pay(&mut self, owed: &Self, now: Timestamp) {
        self.used.add_all(&owed.used);
        let later = |ours: Option<&Closed>, theirs: &Closed| {
            theirs.holds(now) && ours.is_none_or(|ours| !ours.holds(now) || ours.until < theirs.until)
        };
        if let Some(closed) = owed.closed.filter(|closed| later(self.closed.as_ref(), closed)) {
            self.closed = Some(closed);
        }
        for (name, closed) in &owed.closed_organizations {
            if later(self.closed_organizations.get(name), closed) {
                self.close_organization(name, *closed, now);
            }
        }
    }

    /// Heeds what the provider says is left.
    pub(crate) fn learn(&mut self, news: &QuotaNews, organization: Option<&Organization>, now: Timestamp) {
        if let Some(closed) = Closed::by(&news.client, now) {
            self.closed = Some(closed);
        }
        if let (Some(organization), Some(closed)) = (organization, Closed::by(&news.organization, now)) {
            self.close_organization(organization.as_str(), closed, now);
        }
    }

    fn close_organization(&mut self, name: &str, closed: Closed, now: Timestamp) {
        if self.closed_organizations.len() >= MAX_ORGANIZATIONS {
            self.closed_organizations.retain(|_, closed| closed.holds(now));
        }
        // What is not kept is found out again from the provider, and the record stays within its bounds.
        if self.closed_organizations.len() < MAX_ORGANIZATIONS && name.len() <= MAX_NAME {
            self.closed_organizations.insert(name.to_owned(), closed);
        }
    }

    /// What is nearly used up, each once in its period.
    pub(crate) fn warnings(&mut self, budget: &Budget, news: &QuotaNews, now: Timestamp) -> Vec<Warning> {
        let ours = PERIODS.into_iter().filter_map(|period| {
            let used = self.used(period, now);
            let limit = budget.limit(period)?;
            Some(Warning { set_by: SetBy::Budget, period, used, limit, resets_at: period.ends(now) })
        });
        let theirs = news.client.iter().filter_map(|bucket| {
            let (period, limit) = (bucket.period()?, bucket.limit?);
            let used = limit.saturating_sub(bucket.remaining?);
            Some(Warning { set_by: SetBy::Provider, period, used, limit, resets_at: bucket.resets_at })
        });
        let percent = u128::from(budget.warning_percent());
        let mut all: Vec<_> = ours.chain(theirs).collect();
        all.retain(|warning| {
            let is_near = u128::from(warning.used) * 100 >= u128::from(warning.limit) * percent;
            let warned =
                &mut self.warned[usize::from(warning.set_by == SetBy::Provider)][warning.period as usize];
            let ends = warning.period.ends(now);
            // Of a period that an instance whose clock is a little ahead is in already: that one has warned. What is
            // later still was noted by a clock that was wrong.
            let latest = warning.period.ends(now.plus(CLOCKS_DIFFER));
            let is_first = *warned < ends || *warned > latest;
            if is_near && is_first {
                *warned = ends;
            }
            is_near && is_first
        });
        all
    }

    /// How many tokens were taken in the period that `now` is in.
    pub(crate) fn used(&self, period: Period, now: Timestamp) -> u64 {
        self.used.tokens(period, period.ends(now))
    }
}

impl Closed {
    /// The emptiest of the buckets, if one is empty.
    fn by(buckets: &[Bucket], now: Timestamp) -> Option<Self> {
        let empty = buckets.iter().filter(|bucket| bucket.remaining == Some(0) && bucket.resets_at > now);
        let last = empty.max_by_key(|bucket| bucket.resets_at)?;
        Some(Self { since: now, until: last.resets_at, period: last.period() })
    }

    /// A clock that was set back does not make it longer.
    fn holds(&self, now: Timestamp) -> bool {
        now < self.until && now.plus(CLOCKS_DIFFER) >= self.since
    }
}

/// What a provider says that has just refused a token for want of quota; nothing where it does not say so.
pub(crate) fn refused_for_quota(news: &QuotaNews, now: Timestamp) -> Option<MachineTokenError> {
    let closed = [Closed::by(&news.client, now), Closed::by(&news.organization, now)];
    let closed = closed.into_iter().flatten().max_by_key(|closed| closed.until)?;
    Some(exhausted(SetBy::Provider, closed.period, closed.until, now))
}

fn exhausted(
    set_by: SetBy,
    period: Option<Period>,
    resets_at: Timestamp,
    now: Timestamp,
) -> MachineTokenError {
    MachineTokenError::new(MachineTokenErrorKind::QuotaExhausted { set_by, period, resets_at })
        .with_retry_after(resets_at.since(now))
}

/// What the provider's headers are worth.
pub(crate) fn heeded(news: &QuotaNews, meaning: QuotaHeaders) -> QuotaNews {
    match meaning {
        QuotaHeaders::Respected => news.clone(),
        QuotaHeaders::Observed => QuotaNews::default(),
    }
}

pub(crate) const PERIODS: [Period; 3] = [Period::Hour, Period::Day, Period::Month];
const MAX_ORGANIZATIONS: usize = 500;
/// Bytes of an organization's name: 500 of them fit into a record.
const MAX_NAME: usize = 64;
/// Instances of a fleet may differ by this much.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
