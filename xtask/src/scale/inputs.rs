//! What users do, and what the library is told: the inputs of the model and of the simulation.

use clap::Args;

/// How the users behave, and how the tokens live; every time is in seconds.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Inputs {
    /// The share of the sessions that is in use at a moment
    #[arg(long, default_value_t = 0.05)]
    pub(crate) active: f64,
    /// How long a user stays, on average
    #[arg(long, default_value_t = 1_200.0)]
    pub(crate) stay: f64,
    /// Requests per second of a session that is in use
    #[arg(long, default_value_t = 0.1)]
    pub(crate) requests: f64,
    /// The lifetime of an access token
    #[arg(long, default_value_t = 3_600.0)]
    pub(crate) token: f64,
    /// How long a session lasts, from its login to its end, on average
    #[arg(long, default_value_t = 86_400.0)]
    pub(crate) session: f64,
    /// The share of the sessions that a logout ends
    #[arg(long, default_value_t = 0.2)]
    pub(crate) logouts: f64,
}

impl Inputs {
    /// How long a user is away, on average.
    pub(crate) fn away(&self) -> f64 {
        self.stay * (1.0 - self.active) / self.active
    }

    /// The age at which a request refreshes a token: the buffer is a third of its lifetime at most.
    pub(crate) fn refresh_after(&self) -> f64 {
        self.token - BUFFER.min(self.token / 3.0)
    }

    /// # Errors
    /// For what no fleet is like.
    pub(crate) fn judge(&self) -> Result<(), String> {
        let shares = [("--active", self.active, 1e-6), ("--logouts", self.logouts, 0.0)];
        for (name, share, least) in shares {
            if !(least..=1.0).contains(&share) {
                return Err(format!("{name} {share} is no share: choose between {least} and 1"));
            }
        }
        let positive = [
            ("--stay", self.stay),
            ("--requests", self.requests),
            ("--token", self.token),
            ("--session", self.session),
        ];
        for (name, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(format!("{name} {value} is nothing: choose more than 0"));
            }
        }
        Ok(())
    }
}

/// `with_refresh_buffer`'s default.
const BUFFER: f64 = 60.0;
/// `with_session_roll_after`'s default.
pub(crate) const ROLL_AFTER: f64 = 600.0;
/// How long an instance believes that a cookie session has not ended.
pub(crate) const BELIEVED: f64 = 0.5;
/// How long the note of a refresh is kept once a browser has shown the new cookie: the grace period, and
/// as long as a request may last.
pub(crate) const NOTE_KEPT: f64 = 60.0 + 3_600.0;
/// The longest that a session lives by default, and so the tombstone of one that was logged out early.
pub(crate) const TOMBSTONE_KEPT: f64 = 7.0 * 86_400.0;
/// How many refreshes an instance remembers as acknowledged.
pub(crate) const NOTED_AT_MOST: f64 = 100_000.0;
