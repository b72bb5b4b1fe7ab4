//! How long a quota lasts: a pure function of what was consumed and when.

use std::time::Duration;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::identifier::ClientId;
use crate::period::{HOUR, Period};

/// A limit on the machine tokens of a client in each period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) client: ClientId,
    pub(crate) period: Period,
    pub(crate) tokens: u64,
    pub(crate) set_by: SetBy,
}

/// Whose limit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SetBy {
    /// The application's own budget.
    Budget,
    /// The provider's quota, as its last answer had it.
    Provider,
}

/// How long a limit lasts, if it goes on as in the last day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Forecast {
    /// The client whose limit it is.
    pub client_id: String,
    /// The period that it is for.
    pub period: Period,
    /// Whose limit it is.
    pub set_by: SetBy,
    /// How many tokens there may be in the period.
    pub limit: u64,
    /// How many there were, as this ledger has it.
    pub used: u64,
    /// How many an hour there were in the last day, or since counting began.
    pub per_hour: f64,
    /// When the limit is reached at this rate; none where the period ends before.
    pub lasts_until: Option<u64>,
    /// When the period ends, and with it what was used.
    pub resets_at: u64,
}

impl Limit {
    /// `used_since` says how many tokens were consumed from a moment on.
    pub(crate) fn forecast(
        &self,
        used: u64,
        used_since: impl Fn(Timestamp) -> u64,
        counting_since: Timestamp,
        now: Timestamp,
    ) -> Forecast {
        let begin = now.minus(RATE_OVER).max(Period::Hour.begins(counting_since));
        let hours = (now.since(begin).as_secs_f64() / as_f64(HOUR)).max(1.0);
        let per_hour = as_f64(used_since(begin)) / hours;
        let resets_at = self.period.ends(now);
        let left = self.tokens.saturating_sub(used);
        let reached = match left {
            0 => Some(now),
            left => Duration::try_from_secs_f64(as_f64(left) / per_hour * as_f64(HOUR))
                .ok()
                .map(|wait| now.plus(wait)),
        };
        Forecast {
            client_id: self.client.as_str().to_owned(),
            period: self.period,
            set_by: self.set_by,
            limit: self.tokens,
            used,
            per_hour,
            lasts_until: reached.filter(|reached| *reached < resets_at).map(Timestamp::unix_seconds),
            resets_at: resets_at.unix_seconds(),
        }
    }
}

/// Exact up to 2^53, which no count of tokens reaches.
#[allow(clippy::cast_precision_loss, reason = "counts of tokens are far below 2^53")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

const RATE_OVER: Duration = Duration::from_secs(24 * HOUR);

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix_seconds(1_764_547_200); // 2025-12-01T00:00:00Z

    fn forecast(limit: u64, period: Period, used: u64, last_day: u64, hours_since_start: u64) -> Forecast {
        let limit = Limit { client: ClientId::from("worker"), period, tokens: limit, set_by: SetBy::Budget };
        let now = START.plus(Duration::from_secs(hours_since_start * HOUR));
        limit.forecast(used, |_| last_day, START, now)
    }

    #[test]
    fn at_the_rate_of_the_last_day_a_month_lasts_so_long() {
        // Ten days, 100 a day, of 2,000 a month: ten more days.
        let seen = forecast(2_000, Period::Month, 1_000, 100, 240);
        let in_ten_days = START.plus(Duration::from_secs(20 * 24 * HOUR)).unix_seconds();
        assert_eq!(seen.lasts_until, Some(in_ten_days));
        assert_eq!(seen.resets_at, START.unix_seconds() + 31 * 24 * HOUR);
    }

    #[test]
    fn a_limit_that_outlasts_its_period_is_not_reached() {
        assert_eq!(forecast(4_000, Period::Month, 1_000, 100, 240).lasts_until, None);
        assert_eq!(forecast(4_000, Period::Month, 0, 0, 240).lasts_until, None, "nothing is used");
    }

    #[test]
    fn a_limit_that_is_used_up_lasts_no_longer() {
        let seen = forecast(10, Period::Hour, 12, 12, 1);
        assert_eq!(seen.lasts_until, Some(START.unix_seconds() + HOUR));
    }

    /// Two tokens in the first minute are no rate of 120 an hour.
    #[test]
    fn a_rate_is_over_an_hour_at_least() {
        assert_eq!(forecast(10, Period::Day, 2, 2, 0).per_hour, 2.0);
    }
}
