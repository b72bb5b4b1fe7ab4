//! The forms of an event in Auth0's log: its name, its date, its line of an export.

use serde::Serializer;
use serde_json::json;
use time::OffsetDateTime;

use super::tenant_log::LogEvent;
use crate::clock::Timestamp;

/// Returns the event as one line of JSON, without its end.
pub(super) fn line(event: &LogEvent) -> String {
    json!(event).to_string()
}

/// Returns the name of the `number`th event: digits, and those of a later event are greater.
pub(super) fn log_id(time: Timestamp, number: u64) -> String {
    let digits: String = date(time).chars().filter(char::is_ascii_digit).collect();
    format!("900{digits}{number:020}")
}

/// Serialises a moment as Auth0's log writes it: ISO 8601 with milliseconds, in UTC.
pub(super) fn serialize_date<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&date(*time))
}

fn date(time: Timestamp) -> String {
    let nanoseconds = i128::from(time.unix_millis()) * 1_000_000;
    // After the year 9999 it is still the year 9999.
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .unwrap_or_else(|_| time::PrimitiveDateTime::MAX.assume_utc());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_iso_8601_with_milliseconds_at_both_ends_of_time_too() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_709_164_800_007, "2024-02-29T00:00:00.007Z"),
            (1_795_887_243_999, "2026-11-28T17:34:03.999Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(date(Timestamp::from_unix_millis(millis)), expected);
        }
    }

    #[test]
    fn the_name_of_a_later_event_is_greater_also_within_one_millisecond() {
        let names = [(1_000, 1), (1_000, 2), (1_000, 10), (1_001, 11), (u64::MAX, 12)];
        let names = names.map(|(millis, number)| log_id(Timestamp::from_unix_millis(millis), number));
        assert!(names.is_sorted_by(|earlier, later| earlier < later), "{names:?}");
    }
}
