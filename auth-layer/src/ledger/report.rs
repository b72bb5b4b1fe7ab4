//! What a ledger says: lines, totals by period, and how long quotas last.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::ledger::forecast::{Forecast, Limit};
use crate::ledger::grant::{Grant, Outcome};
use crate::ledger::quota::Quota;
use crate::ledger::tally::{DayTally, Line};
use crate::period::{Day, HOUR, Period};

/// What a [`Ledger`](crate::ledger::Ledger) counted; as JSON it is what `/api/ledger` of an application
/// may serve, and `Display` shows it as a table for people.
///
/// All times are whole seconds since the epoch.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LedgerReport {
    /// Since when it counts.
    pub since: u64,
    /// When it was asked.
    pub until: u64,
    /// Whose exchanges these are.
    pub reach: LedgerReach,
    /// Tokens that count against an M2M quota.
    pub m2m_quota_consumed: u64,
    /// Tokens of which the provider documents neither that they count nor that they do not.
    pub undocumented: u64,
    /// One line for each grant, client, audience, organization and outcome.
    pub lines: Vec<LedgerLine>,
    /// The same by hours of UTC, those of the last two days that had any, the oldest first.
    pub hours: Vec<LedgerPeriod>,
    /// The same by days of UTC, at most 62.
    pub days: Vec<LedgerPeriod>,
    /// The same by months of UTC; the oldest may have begun before the days that are kept.
    pub months: Vec<LedgerPeriod>,
    /// How long each limit lasts at the rate of the last day.
    pub forecasts: Vec<Forecast>,
}

/// Whose exchanges a report has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LedgerReach {
    /// Of this process, since it started.
    Process,
    /// Of all instances that share the store, also of those that have ended.
    Fleet,
}

/// The counts of one hour, day or month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LedgerPeriod {
    /// When it began.
    pub begins: u64,
    /// Tokens that count against an M2M quota.
    pub m2m_quota_consumed: u64,
    /// Its lines.
    pub lines: Vec<LedgerLine>,
}

/// One line of a [`LedgerReport`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LedgerLine {
    /// How the tokens were asked for.
    pub grant: Grant,
    /// What became of it.
    pub outcome: Outcome,
    /// The code in the tenant's log; none where the provider gave no answer.
    pub log_code: Option<&'static str>,
    /// The client that asked; none where there were too many lines.
    pub client_id: Option<String>,
    /// The audience that was asked for; none is the provider's default.
    pub audience: Option<String>,
    /// The organization that it was for.
    pub organization: Option<String>,
    /// How many.
    pub count: u64,
    /// Whether these count against an M2M quota.
    pub quota: Quota,
    /// Why, or why not.
    pub why: &'static str,
}

impl LedgerReport {
    pub(crate) fn of<'a>(
        reach: LedgerReach,
        (since, now): (Timestamp, Timestamp),
        days: impl Iterator<Item = (Day, &'a DayTally)>,
        limits: &[Limit],
    ) -> Self {
        let mut books = Books::default();
        for (day, tally) in days {
            for (line, hour, count) in tally.counts() {
                let at = day.begins().unix_seconds().saturating_add(u64::from(hour) * HOUR);
                books.add(Timestamp::from_unix_seconds(at), line, count, now);
            }
        }
        let forecasts = limits.iter().map(|limit| books.forecast(limit, since, now)).collect();
        let lines = lines_of(&books.whole);
        let sum = |quota| total(lines.iter().filter(|line| line.quota == quota).map(|line| line.count));
        Self {
            since: since.unix_seconds(),
            until: now.unix_seconds(),
            reach,
            m2m_quota_consumed: sum(Quota::Counted),
            undocumented: sum(Quota::Undocumented),
            hours: periods_of(&books.hours),
            days: periods_of(&books.days),
            months: periods_of(&books.months),
            forecasts,
            lines,
        }
    }

    /// Returns the count under one code of the tenant's log, over all audiences.
    #[must_use]
    pub fn count(&self, log_code: &str) -> u64 {
        let matching = self.lines.iter().filter(|line| line.log_code == Some(log_code));
        total(matching.map(|line| line.count))
    }
}

type Counts = BTreeMap<Line, u64>;

#[derive(Default)]
struct Books {
    whole: Counts,
    hours: BTreeMap<Timestamp, Counts>,
    days: BTreeMap<Timestamp, Counts>,
    months: BTreeMap<Timestamp, Counts>,
    /// What each client consumed, by hour.
    consumed: BTreeMap<String, BTreeMap<Timestamp, u64>>,
}

impl Books {
    fn add(&mut self, at: Timestamp, line: &Line, count: u64, now: Timestamp) {
        let add = |counts: &mut Counts| add_to(counts.entry(line.clone()).or_default(), count);
        add(&mut self.whole);
        if now.since(at).as_secs() < SHOWN_HOURS * HOUR {
            add(self.hours.entry(at).or_default());
        }
        add(self.days.entry(Period::Day.begins(at)).or_default());
        add(self.months.entry(Period::Month.begins(at)).or_default());
        if let (Quota::Counted, Some(client)) = (line.quota, &line.client) {
            add_to(self.consumed.entry(client.clone()).or_default().entry(at).or_default(), count);
        }
    }

    fn forecast(&self, limit: &Limit, since: Timestamp, now: Timestamp) -> Forecast {
        let hours = self.consumed.get(limit.client.as_str());
        let from = |begin: Timestamp| -> u64 {
            total(hours.into_iter().flat_map(|hours| hours.range(begin..)).map(|(_, count)| *count))
        };
        limit.forecast(from(limit.period.begins(now)), from, since, now)
    }
}

/// Saturates: what is in a shared store may say anything.
fn total(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

fn add_to(sum: &mut u64, count: u64) {
    *sum = sum.saturating_add(count);
}

fn periods_of(periods: &BTreeMap<Timestamp, Counts>) -> Vec<LedgerPeriod> {
    let period = |(begins, counts): (&Timestamp, &Counts)| {
        let counted = counts.iter().filter(|(line, _)| line.quota == Quota::Counted);
        LedgerPeriod {
            begins: begins.unix_seconds(),
            m2m_quota_consumed: total(counted.map(|(_, count)| *count)),
            lines: lines_of(counts),
        }
    };
    periods.iter().map(period).collect()
}

fn lines_of(counts: &Counts) -> Vec<LedgerLine> {
    let line = |(line, count): (&Line, &u64)| LedgerLine {
        grant: line.grant,
        outcome: line.outcome,
        log_code: line.grant.log_code(line.outcome),
        client_id: line.client.clone(),
        audience: line.audience.clone(),
        organization: line.organization.clone(),
        count: *count,
        quota: line.quota,
        why: line.quota.why(line.grant, line.outcome),
    };
    counts.iter().map(line).collect()
}

/// How many hours are shown one by one.
const SHOWN_HOURS: u64 = 48;
