//! Times in a token (RFC 7519 §2), and by how much two clocks differ.

use std::time::Duration;

use crate::clock::Timestamp;

/// The times of a token against a clock that may differ from the provider's by `skew`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    now: Timestamp,
    skew: Duration,
}

/// Reads a `NumericDate`: whole or broken seconds, neither negative nor beyond all measure.
pub(crate) fn numeric_date(seconds: f64) -> Option<Timestamp> {
    // Within bounds, so that the cast neither wraps nor saturates.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (0.0..1e11).contains(&seconds).then(|| Timestamp::from_unix_seconds(seconds as u64))
}

impl Now {
    /// A skew of more than 60 seconds is 60 seconds.
    pub(crate) fn new(now: Timestamp, skew: Duration) -> Self {
        Self { now, skew: skew.min(MAX_SKEW) }
    }

    /// Refuses the time of an end that has come.
    pub(crate) fn is_before(self, name: &str, end: Timestamp) -> Result<(), String> {
        if self.now < end.plus(self.skew) {
            return Ok(());
        }
        Err(format!("{name} is past by {} s: compare the clocks", self.now.since(end).as_secs()))
    }

    /// Refuses the time of a beginning that is to come.
    pub(crate) fn is_after(self, name: &str, beginning: Timestamp) -> Result<(), String> {
        if beginning <= self.now.plus(self.skew) {
            return Ok(());
        }
        Err(format!("{name} is ahead by {} s: compare the clocks", beginning.since(self.now).as_secs()))
    }

    /// Refuses a time that is further away than the skew, before or after.
    pub(crate) fn is_near(self, name: &str, time: Timestamp) -> Result<(), String> {
        let past = self.now.since(time);
        if past > self.skew {
            return Err(format!("{name} is past by {} s: compare the clocks", past.as_secs()));
        }
        self.is_after(name, time)
    }
}

const MAX_SKEW: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_seconds_within_all_measure_and_fractions_floor() {
        for (seconds, date) in [
            (0.0, Some(0)),
            (-0.0, Some(0)),
            (0.9, Some(0)),
            (1_800_000_000.5, Some(1_800_000_000)),
            (99_999_999_999.9, Some(99_999_999_999)),
            (1e11, None),
            (-0.1, None),
            (9_223_372_036_854_775_808.0, None),
            (1e300, None),
            (f64::INFINITY, None),
            (f64::NAN, None),
        ] {
            assert_eq!(numeric_date(seconds).map(Timestamp::unix_seconds), date, "{seconds}");
        }
    }

    #[test]
    fn a_time_holds_within_the_skew_and_the_words_say_by_how_much_it_does_not() {
        let at = |seconds: u64| Timestamp::from_unix_seconds(1_000 + seconds);
        let now = |skew| Now::new(at(0), Duration::from_secs(skew));
        assert_eq!(now(30).is_before("exp", at(0)), Ok(()));
        assert_eq!(now(0).is_before("exp", at(1)), Ok(()));
        assert_eq!(now(0).is_before("exp", at(0)), Err("exp is past by 0 s: compare the clocks".into()));
        let past = Now::new(at(280), Duration::from_secs(30)).is_before("exp", at(0));
        assert_eq!(past, Err("exp is past by 280 s: compare the clocks".into()));
        assert_eq!(now(30).is_after("nbf", at(30)), Ok(()));
        assert_eq!(now(30).is_after("nbf", at(31)), Err("nbf is ahead by 31 s: compare the clocks".into()));
        for (time, near) in [(0, true), (30, true), (31, false)] {
            assert_eq!(now(30).is_near("iat", at(time)).is_ok(), near, "{time} s ahead");
            let ago = Now::new(at(time), Duration::from_secs(30)).is_near("iat", at(0));
            assert_eq!(ago.is_ok(), near, "{time} s ago");
        }
        // However much is asked for.
        assert_eq!(now(3_600).is_after("nbf", at(60)), Ok(()));
        assert!(now(3_600).is_after("nbf", at(61)).is_err());
    }
}
