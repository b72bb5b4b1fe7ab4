//! What was seen: statuses, times and memory.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

/// The answers to some traffic; takes no more memory with each, since memory is what is measured.
pub(crate) struct Seen {
    statuses: BTreeMap<StatusCode, usize>,
    /// How many took as long, by sixteenths of a power of two of nanoseconds.
    took: Vec<u32>,
    longest: Duration,
}

impl Seen {
    pub(crate) fn new() -> Self {
        let took = vec![0; place(u64::MAX) + 1];
        Self { statuses: BTreeMap::new(), took, longest: Duration::ZERO }
    }

    pub(crate) fn note(&mut self, status: StatusCode, took: Duration) {
        *self.statuses.entry(status).or_default() += 1;
        self.took[place(nanoseconds(took))] += 1;
        self.longest = self.longest.max(took);
    }

    pub(crate) fn requests(&self) -> usize {
        self.statuses.values().sum()
    }

    /// How many were answered with something else.
    pub(crate) fn others_than(&self, status: StatusCode) -> usize {
        self.requests() - self.statuses.get(&status).copied().unwrap_or_default()
    }

    /// The time that this share of the requests did not exceed, up to a sixteenth.
    pub(crate) fn within(&self, percent: usize) -> Duration {
        let mut left = (self.requests() * percent).div_ceil(100);
        let reached = self.took.iter().position(|count| {
            left = left.saturating_sub(*count as usize);
            left == 0
        });
        reached.map_or(Duration::ZERO, |place| Duration::from_nanos(end(place)).min(self.longest))
    }

    pub(crate) const fn longest(&self) -> Duration {
        self.longest
    }

    /// How many took longer.
    pub(crate) fn over(&self, limit: Duration) -> usize {
        self.took[place(nanoseconds(limit)) + 1..].iter().map(|count| *count as usize).sum()
    }
}

/// The place of a time: below sixteen its own, then sixteen for each power of two.
fn place(nanoseconds: u64) -> usize {
    let power = nanoseconds.max(1).ilog2();
    match power {
        0..4 => usize::try_from(nanoseconds).unwrap_or_default(),
        _ => {
            (power as usize - 3) * 16 + usize::try_from((nanoseconds >> (power - 4)) & 15).unwrap_or_default()
        }
    }
}

/// The last nanosecond of a place.
fn end(place: usize) -> u64 {
    let (row, column) = (place as u64 / 16, place as u64 % 16);
    match row {
        0 => column,
        _ => ((16 + column + 1) << (row - 1)) - 1,
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requests", self.requests())?;
        for (status, count) in &self.statuses {
            write!(f, ", {count} x {}", status.as_u16())?;
        }
        let [half, most] = [50, 99].map(|percent| self.within(percent));
        write!(f, "; p50 {half:.1?}, p99 {most:.1?}, max {:.1?}", self.longest)
    }
}

/// How many bytes of memory this process has, where the system tells.
pub(crate) fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or_default() * PAGE
}

/// Mebibytes, for people.
pub(crate) fn mebibytes(bytes: usize) -> String {
    #[allow(clippy::cast_precision_loss)]
    let mebibytes = bytes as f64 / (1024.0 * 1024.0);
    format!("{mebibytes:.1} MiB")
}

const PAGE: usize = 4_096;
