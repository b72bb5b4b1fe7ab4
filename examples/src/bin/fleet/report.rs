//! The table at the end, and the verdict.

use std::fmt::Write as _;

use crate::load::Tally;

/// What the run came to.
pub(crate) struct Report<'a> {
    pub(crate) load: &'a Tally,
    /// How many refresh tokens the provider was sent, and how many of those had been spent before.
    pub(crate) refreshes: usize,
    pub(crate) reused: usize,
    /// Requests at each instance, logins among them.
    pub(crate) instances: &'a [u64],
}

impl Report<'_> {
    /// Whether each expiry cost one refresh, and no session was lost.
    ///
    /// A run that is too short for a token to expire has shown nothing.
    pub(crate) fn is_good(&self) -> bool {
        let is_one_each = self.load.expiries > 0 && self.refreshes as u64 == self.load.expiries;
        is_one_each && self.load.lost == 0 && self.reused == 0
    }

    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        let mut row = |name: &str, value: String| {
            // Writing to a string does not fail.
            let _ = writeln!(table, "{name:<28} {value:>10}");
        };
        let (load, latencies) = (self.load, &self.load.latencies);
        let milliseconds = |share: f64| format!("{:.1} ms", latencies.value_at_quantile(share) as f64 / 1e3);
        row("requests", latencies.len().to_string());
        row("requests per second", format!("{:.0}", latencies.len() as f64 / load.took.as_secs_f64()));
        row("p50", milliseconds(0.50));
        row("p99", milliseconds(0.99));
        row("expiries of access tokens", load.expiries.to_string());
        row("refresh calls", self.refreshes.to_string());
        row(
            "refresh calls per expiry",
            format!("{:.2}", self.refreshes as f64 / load.expiries.max(1) as f64),
        );
        row("refresh tokens used twice", self.reused.to_string());
        row("sessions lost", load.lost.to_string());
        for (status, requests) in &load.unserved {
            row(&format!("requests answered {}", status.as_u16()), requests.to_string());
        }
        let all = self.instances.iter().sum::<u64>().max(1) as f64;
        for (number, requests) in self.instances.iter().enumerate() {
            row(
                &format!("requests at instance {}", number + 1),
                format!("{:.1} %", *requests as f64 * 100.0 / all),
            );
        }
        table
    }
}
