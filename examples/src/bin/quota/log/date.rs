//! When an event happened: ISO 8601, or milliseconds since the epoch.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date as CivilDate, Duration, OffsetDateTime};

/// A moment in milliseconds since the epoch, UTC; none is before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date(pub(super) u64);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DateVisitor)
    }
}

struct DateVisitor;

impl Visitor<'_> for DateVisitor {
    type Value = Date;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date in ISO 8601 or in milliseconds")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Date, E> {
        parse(text).map(Date).ok_or_else(|| E::custom("its date is not ISO 8601"))
    }

    fn visit_u64<E: Error>(self, millis: u64) -> Result<Date, E> {
        if millis > LAST { Err(E::custom("its date is after the year 9999")) } else { Ok(Date(millis)) }
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Date, E> {
        Err(E::custom("its date is before 1970"))
    }

    fn visit_f64<E: Error>(self, millis: f64) -> Result<Date, E> {
        if (0.0..=LAST as f64).contains(&millis) {
            Ok(Date(millis as u64))
        } else {
            Err(E::custom("its date is not between 1970 and 9999"))
        }
    }
}

fn parse(text: &str) -> Option<u64> {
    let time =
        OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(text, &Iso8601::DEFAULT));
    u64::try_from(time.ok()?.unix_timestamp_nanos() / 1_000_000).ok()
}

/// Returns the day of a moment, in days since the epoch, UTC.
pub(crate) const fn day(millis: u64) -> u64 {
    millis / MILLIS_A_DAY
}

/// Returns a day as `2026-11-28`.
pub(crate) fn shown_day(day: u64) -> String {
    let days = i64::try_from(day).unwrap_or(i64::MAX);
    let epoch = CivilDate::from_ordinal_date(1970, 1);
    let date = epoch.ok().and_then(|epoch| epoch.checked_add(Duration::days(days.min(LAST_DAY))));
    date.map_or_else(|| day.to_string(), |date| date.to_string())
}

/// Returns a moment as `2026-11-28T17:34:03Z`.
pub(crate) fn shown_time(millis: u64) -> String {
    let seconds = millis % MILLIS_A_DAY / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}Z", shown_day(day(millis)))
}

const MILLIS_A_DAY: u64 = 86_400_000;

/// The end of the year 9999.
const LAST: u64 = 253_402_300_799_999;
const LAST_DAY: i64 = 2_932_896;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_iso_8601_or_milliseconds() {
        for (json, millis) in [
            (r#""1970-01-01T00:00:00.000Z""#, Some(0)),
            (r#""2026-11-28T17:34:03.123Z""#, Some(1_795_887_243_123)),
            (r#""2026-11-28T17:34:03Z""#, Some(1_795_887_243_000)),
            (r#""2026-11-28T19:34:03.123+02:00""#, Some(1_795_887_243_123)),
            (r#""20261128T173403.123Z""#, Some(1_795_887_243_123)),
            ("1795887243123", Some(1_795_887_243_123)),
            ("1.795887243123e12", Some(1_795_887_243_123)),
            ("-1", None),
            ("18446744073709551615", None),
            ("1e400", None),
            (r#""""#, None),
            (r#""2026-13-28T17:34:03Z""#, None),
            (r#""yesterday""#, None),
            (r#""1969-12-31T23:59:58Z""#, None),
            ("true", None),
            ("null", None),
        ] {
            assert_eq!(serde_json::from_str(json).ok(), millis.map(Date), "{json}");
        }
    }

    #[test]
    fn days_and_times_are_shown_as_people_write_them() {
        assert_eq!(shown_time(1_795_887_243_123), "2026-11-28T17:34:03Z");
        assert_eq!(shown_day(day(951_782_400_000)), "2000-02-29");
        assert_eq!(shown_time(LAST), "9999-12-31T23:59:59Z");
        assert_eq!(shown_day(u64::MAX), "9999-12-31");
    }
}
