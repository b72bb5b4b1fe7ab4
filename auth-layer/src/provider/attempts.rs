//! The attempts to fetch keys: when the next may begin, decided from those before.
//!
//! A moment that is yet to come is of a clock that was set back since: nothing waits for it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::provider::error::ProviderError;

/// What is known of the attempts so far. There is one under way, or none.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    /// How many were begun: the number of the last one.
    begun: u64,
    is_under_way: bool,
    /// The last one that ended, where it failed.
    failed: Option<Failed>,
    /// How many have failed in a row.
    failures: u32,
    unknown_key_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Failed {
    at: Timestamp,
    error: ProviderError,
}

impl Attempts {
    /// Begins an attempt, unless one is under way or the last one failed just now.
    pub(super) fn begin(&mut self, now: Timestamp) -> Option<u64> {
        (!self.is_under_way && self.pause(now).is_zero()).then(|| self.next())
    }

    /// Begins an attempt for a key that is not known, unless one is under way or was made for such a key
    /// a short while ago. One that fails is made once more, so that a slip is not half a minute of 503.
    pub(super) fn begin_for_unknown_key(&mut self, now: Timestamp) -> Option<u64> {
        let is_cool = self.unknown_key_at.is_none_or(|at| elapsed(at, now) >= UNKNOWN_KEY_COOL_DOWN);
        let was_a_slip = self.failures == 1 && self.pause(now).is_zero();
        if self.is_under_way || !(is_cool || was_a_slip) {
            return None;
        }
        self.unknown_key_at = Some(now);
        Some(self.next())
    }

    /// The number of the attempt that is under way.
    pub(super) fn under_way(&self) -> Option<u64> {
        self.is_under_way.then_some(self.begun)
    }

    /// Ends the attempt of this number; returns how many failed in a row, before it and with it, or
    /// nothing where it has ended before.
    pub(super) fn end(
        &mut self,
        number: u64,
        outcome: Result<(), ProviderError>,
        now: Timestamp,
    ) -> Option<(u32, u32)> {
        if self.under_way() != Some(number) {
            return None;
        }
        self.is_under_way = false;
        let before = self.failures;
        (self.failed, self.failures) = match outcome {
            Ok(()) => (None, 0),
            Err(error) => (Some(Failed { at: now, error }), before.saturating_add(1)),
        };
        Some((before, self.failures))
    }

    /// How long it takes until the next may begin.
    pub(super) fn pause(&self, now: Timestamp) -> Duration {
        let Some(failed) = &self.failed else { return Duration::ZERO };
        let backoff = if self.failures > 1 { LONGEST_BACKOFF } else { SHORTEST_BACKOFF };
        // Of a document that many need, an hour of patience would be an hour of 503.
        let asked = failed.error.retry_after().map_or(backoff, |asked| asked.min(MOST_PATIENCE));
        asked.saturating_sub(elapsed(failed.at, now))
    }

    /// Why the last one failed, and how long to wait for the next.
    pub(super) fn failure(&self, now: Timestamp) -> Option<ProviderError> {
        let failed = self.failed.as_ref()?;
        Some(failed.error.clone().with_retry_after(Some(self.pause(now))))
    }

    fn next(&mut self) -> u64 {
        self.is_under_way = true;
        self.begun += 1;
        self.begun
    }
}

/// How long ago something was; ever so long, where the clock was set back since.
pub(super) fn elapsed(at: Timestamp, now: Timestamp) -> Duration {
    if now < at { Duration::MAX } else { now.since(at) }
}

const SHORTEST_BACKOFF: Duration = Duration::from_secs(1);
/// With the three seconds that a connection may take, a provider's return is noticed within five.
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);
const UNKNOWN_KEY_COOL_DOWN: Duration = Duration::from_secs(30);
const MOST_PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::provider::error::FailedAt;

    const START: Timestamp = Timestamp::from_unix_seconds(1_000_000);

    fn after(millis: u64) -> Timestamp {
        START.plus(Duration::from_millis(millis))
    }

    fn error() -> ProviderError {
        ProviderError::new(FailedAt::Reaching, "connection refused")
    }

    #[test]
    fn there_is_one_attempt_at_a_time_and_it_ends_once() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.begin(START), Some(1));
        assert_eq!((attempts.begin(START), attempts.begin_for_unknown_key(START)), (None, None));
        assert_eq!(attempts.under_way(), Some(1));
        assert_eq!(attempts.end(1, Ok(()), START), Some((0, 0)));
        assert_eq!(attempts.end(1, Err(error()), START), None, "it has ended before");
        assert_eq!((attempts.under_way(), attempts.begin(START)), (None, Some(2)));
        assert_eq!(attempts.end(1, Ok(()), START), None, "it is another's number");
        assert_eq!(attempts.under_way(), Some(2));
    }

    #[test]
    fn after_a_failure_the_next_waits_a_second_then_two_or_what_was_asked_up_to_thirty() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let mut attempts = Attempts::default();
        for (retry_after, pause) in
            [(None, 1_000), (None, 2_000), (None, 2_000), (seconds(7), 7_000), (seconds(3_600), 30_000)]
        {
            let number = attempts.begin(START).unwrap();
            attempts.end(number, Err(error().with_retry_after(retry_after)), START).unwrap();
            assert_eq!(attempts.begin(after(pause - 1)), None, "{retry_after:?}");
            let left = attempts.failure(after(pause - 1)).unwrap().retry_after();
            assert_eq!(left, Some(Duration::from_millis(1)), "{retry_after:?}");
            let next = attempts.begin(after(pause)).unwrap();
            attempts.end(next, Ok(()), START).unwrap();
            // Failures in a row, but for the success that ended this pause.
            attempts.failures = 1;
        }
        assert!(attempts.failure(START).is_none());
    }

    #[test]
    fn a_key_that_is_not_known_lets_one_attempt_begin_in_thirty_seconds_and_one_more_after_a_slip() {
        let mut attempts = Attempts::default();
        let mut attempt = |at: u64, outcome: Result<(), ProviderError>| {
            let number = attempts.begin_for_unknown_key(after(at))?;
            attempts.end(number, outcome, after(at)).map(|_| number)
        };
        for (at, outcome, number) in [
            (0, Ok(()), Some(1)),
            (29_999, Ok(()), None),
            (30_000, Err(error()), Some(2)),
            (30_999, Ok(()), None),
            (31_000, Err(error()), Some(3)),
            (33_000, Ok(()), None),
            (60_999, Ok(()), None),
            (61_000, Err(error()), Some(4)),
            (90_000, Ok(()), None),
            (91_000, Ok(()), Some(5)),
        ] {
            assert_eq!(attempt(at, outcome), number, "at {at} ms");
        }
    }

    #[test]
    fn nothing_waits_for_a_clock_that_was_set_back() {
        let mut attempts = Attempts::default();
        let number = attempts.begin_for_unknown_key(START).unwrap();
        attempts.end(number, Err(error()), START).unwrap();
        let hour_before = START.minus(Duration::from_secs(3_600));
        assert!(attempts.pause(hour_before).is_zero());
        let number = attempts.begin(hour_before).unwrap();
        attempts.end(number, Err(error()), hour_before).unwrap();
        assert_eq!(attempts.begin_for_unknown_key(hour_before), Some(3));
    }
}
