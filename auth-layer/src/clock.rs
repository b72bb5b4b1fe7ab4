//! The only place that reads the time, so that tests may inject it.
//!
//! # Rules
//! 1. Everything above this floor asks a [`Clock`]; nothing else names `SystemTime`.
//! 2. [`Clock::manual`] stands still until it is advanced: a test that needs an hour to pass
//!    passes an hour, and sleeps for none of it.
//! 3. [`Clock::adjustable`] ticks, and can be moved ahead as well: for a demo that people watch.
//!
//! # Limits
//! Times have a resolution of one millisecond and saturate at both ends; no input can make
//! them panic (negative, 2^63 and 1e400 seconds included).
//!
//! # Example
//! ```
//! use std::time::Duration;
//! use auth_layer::{Clock, Timestamp};
//!
//! let clock = Clock::manual(Timestamp::from_unix_seconds(1_000));
//! clock.advance(Duration::from_secs(5));
//! assert_eq!(clock.now().unix_seconds(), 1_005);
//! ```

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
///
/// Addition and subtraction saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Returns the moment `seconds` after the epoch; saturates at the far end of time.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// Returns the moment `millis` milliseconds after the epoch.
    #[must_use]
    pub const fn from_unix_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Returns whole seconds since the epoch (a `NumericDate` of RFC 7519 §2).
    #[must_use]
    pub const fn unix_seconds(self) -> u64 {
        self.0 / 1_000
    }

    /// Returns milliseconds since the epoch.
    #[must_use]
    pub const fn unix_millis(self) -> u64 {
        self.0
    }

    /// Returns this moment plus `duration`.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// Returns this moment minus `duration`.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    /// Returns the time from `earlier` to this moment, zero where `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// To the minute, in UTC, for people.
    pub(crate) fn to_minute(self) -> String {
        let seconds = self.unix_seconds();
        let time = i64::try_from(seconds).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
        time.map_or_else(
            || format!("second {seconds}"),
            |time| {
                let (date, hour, minute) = (time.date(), time.hour(), time.minute());
                format!(
                    "{}-{:02}-{:02} {hour:02}:{minute:02} UTC",
                    date.year(),
                    u8::from(date.month()),
                    date.day()
                )
            },
        )
    }
}

/// Tells the time: the system's, one that only a test moves, or the system's with a head start.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<AtomicU64>),
    /// How far it is ahead of the system's clock, in milliseconds.
    Adjustable(Arc<AtomicU64>),
}

impl Clock {
    /// Returns the system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// Returns a clock that stands at `start` until it is advanced; its clones move with it.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicU64::new(start.0))))
    }

    /// Returns a manual clock that starts at the system's present time.
    #[must_use]
    pub fn manual_from_now() -> Self {
        Self::manual(Self::system().now())
    }

    /// Returns a clock that ticks as the system's does and can be moved ahead of it; its clones
    /// move with it.
    ///
    /// For demos: a countdown runs, and a token expires at the press of a button.
    #[must_use]
    pub fn adjustable() -> Self {
        Self(Source::Adjustable(Arc::default()))
    }

    /// Returns the present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => system_now(),
            Source::Manual(millis) => Timestamp(millis.load(Ordering::Acquire)),
            Source::Adjustable(ahead) => {
                system_now().plus(Duration::from_millis(ahead.load(Ordering::Acquire)))
            }
        }
    }

    /// Moves a manual or adjustable clock forward by `duration`; the system's clock stays as it is.
    pub fn advance(&self, duration: Duration) {
        if let Source::Manual(millis) | Source::Adjustable(millis) = &self.0 {
            let step = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            millis.fetch_add(step, Ordering::AcqRel);
        }
    }

    /// Moves a manual clock back by `duration`, as an operator or a time server may; an adjustable one
    /// loses so much of its head start.
    pub fn set_back(&self, duration: Duration) {
        if let Source::Manual(millis) | Source::Adjustable(millis) = &self.0 {
            let step = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            let back = |millis: u64| Some(millis.saturating_sub(step));
            let _ = millis.fetch_update(Ordering::AcqRel, Ordering::Acquire, back);
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Clock::System",
            Source::Manual(_) => "Clock::Manual",
            Source::Adjustable(_) => "Clock::Adjustable",
        })
    }
}

/// A moment of this process, for how long something took: no clock that is set moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(tokio::time::Instant);

impl Moment {
    /// Returns the present moment.
    pub(crate) fn now() -> Self {
        Self(tokio::time::Instant::now())
    }

    /// Returns the time since, also that in which the process was suspended.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

fn system_now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_saturate_instead_of_panicking() {
        let end = Timestamp::from_unix_seconds(u64::MAX);
        assert_eq!(end.plus(Duration::MAX), end);
        assert_eq!(Timestamp::default().minus(Duration::MAX), Timestamp::default());
        assert_eq!(Timestamp::default().since(end), Duration::ZERO);
    }

    #[test]
    fn clones_of_a_manual_clock_move_together() {
        let clock = Clock::manual(Timestamp::from_unix_seconds(10));
        let other = clock.clone();
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(other.now().unix_millis(), 11_500);
    }

    #[test]
    fn a_clock_may_be_set_back_and_stops_at_the_beginning_of_time() {
        let clock = Clock::manual(Timestamp::from_unix_seconds(10));
        clock.set_back(Duration::from_millis(1_500));
        assert_eq!(clock.now().unix_millis(), 8_500);
        clock.set_back(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::default());
    }

    #[test]
    fn an_adjustable_clock_ticks_and_moves_ahead_with_its_clones() {
        let (clock, before) = (Clock::adjustable(), Clock::system().now());
        clock.clone().advance(Duration::from_secs(3_600));
        let ahead = clock.now();
        assert!(ahead.since(before) >= Duration::from_secs(3_600), "{ahead:?} is an hour after {before:?}");
        assert!(ahead <= Clock::system().now().plus(Duration::from_secs(3_600)), "and no more: it ticks");
    }
}
