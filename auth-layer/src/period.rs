//! Hours, days and months of UTC: the periods by which quotas are counted.

use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime};

use crate::clock::Timestamp;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Period {
    /// From a full hour of UTC to the next.
    Hour,
    /// From midnight UTC to the next.
    Day,
    /// A calendar month of UTC.
    Month,
}

impl Period {
    /// Returns when the period that `at` is in began.
    #[must_use]
    pub fn begins(self, at: Timestamp) -> Timestamp {
        let seconds = at.unix_seconds();
        match self {
            Self::Hour => Timestamp::from_unix_seconds(seconds - seconds % HOUR),
            Self::Day => Timestamp::from_unix_seconds(seconds - seconds % DAY),
            Self::Month => {
                let date = date(at);
                first_of(date.year(), date.month())
            }
        }
    }

    /// Returns when the period that `at` is in ends: then a quota of its kind begins anew.
    #[must_use]
    pub fn ends(self, at: Timestamp) -> Timestamp {
        let seconds = at.unix_seconds();
        match self {
            Self::Hour => Timestamp::from_unix_seconds((seconds - seconds % HOUR).saturating_add(HOUR)),
            Self::Day => Timestamp::from_unix_seconds((seconds - seconds % DAY).saturating_add(DAY)),
            Self::Month => {
                let date = date(at);
                let month = date.month().next();
                first_of(date.year() + i32::from(month == Month::January), month)
            }
        }
    }

    /// The name, for messages.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// A day of UTC, by its number since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Day(pub(crate) u64);

impl Day {
    pub(crate) const fn of(at: Timestamp) -> Self {
        Self(at.unix_seconds() / DAY)
    }

    /// Its beginning.
    pub(crate) const fn begins(self) -> Timestamp {
        Timestamp::from_unix_seconds(self.0.saturating_mul(DAY))
    }
}

/// The hour of its day, from 0 to 23.
pub(crate) fn hour_of(at: Timestamp) -> u8 {
    u8::try_from(at.unix_seconds() % DAY / HOUR).expect("a day has 24 hours")
}

/// Beyond the calendar's end it is its last day: a clock that says so is wrong, and nothing to panic for.
fn date(at: Timestamp) -> Date {
    let seconds = i64::try_from(at.unix_seconds()).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MAX, OffsetDateTime::date)
}

fn first_of(year: i32, month: Month) -> Timestamp {
    let first = Date::from_calendar_date(year, month, 1).unwrap_or(Date::MAX);
    let seconds = first.midnight().assume_utc().unix_timestamp();
    Timestamp::from_unix_seconds(u64::try_from(seconds).unwrap_or_default())
}

pub(crate) const HOUR: u64 = 3_600;
pub(crate) const DAY: u64 = 24 * HOUR;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_those_of_utc() {
        // 2024-02-29T23:30:15Z, 2025-12-31T23:59:59Z, the epoch.
        let cases = [
            (
                1_709_249_415,
                [1_709_247_600, 1_709_164_800, 1_706_745_600],
                [1_709_251_200, 1_709_251_200, 1_709_251_200],
            ),
            (
                1_767_225_599,
                [1_767_222_000, 1_767_139_200, 1_764_547_200],
                [1_767_225_600, 1_767_225_600, 1_767_225_600],
            ),
            (0, [0, 0, 0], [3_600, 86_400, 2_678_400]),
        ];
        for (at, begins, ends) in cases {
            let at = Timestamp::from_unix_seconds(at);
            let periods = [Period::Hour, Period::Day, Period::Month];
            assert_eq!(periods.map(|period| period.begins(at).unix_seconds()), begins, "{at:?}");
            assert_eq!(periods.map(|period| period.ends(at).unix_seconds()), ends, "{at:?}");
        }
    }

    #[test]
    fn a_clock_at_the_end_of_time_does_not_panic() {
        for at in [Timestamp::from_unix_seconds(u64::MAX), Timestamp::from_unix_seconds(253_402_300_799)] {
            for period in [Period::Hour, Period::Day, Period::Month] {
                assert!(period.begins(at) <= at, "{period:?}");
                assert!(period.ends(at) >= period.begins(at), "{period:?}");
            }
            Day::of(at).begins();
            hour_of(at);
        }
    }
}
