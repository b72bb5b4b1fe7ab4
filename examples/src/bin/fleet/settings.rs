//! What may be set: how many, for how long, and where the sessions are.

use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Several instances of an application on one store, under load.
///
/// `FLEET_STORE` is the store, `redis://..` or `postgres://..`; without it a `redis-server` is started.
#[derive(Clone, Debug, Parser)]
#[command(name = "fleet")]
pub(crate) struct Settings {
    /// Seconds of load
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) seconds: u64,
    /// Users, each with two tabs that send requests at the same time
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=5_000))]
    pub(crate) users: u64,
    /// Where the sessions are
    #[arg(long, default_value = "store")]
    pub(crate) sessions: Sessions,
    /// Instances of the application
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=32))]
    pub(crate) instances: u64,
    /// Milliseconds that a tab waits between an answer and its next request
    #[arg(long, default_value_t = 50)]
    pub(crate) pause: u64,
}

/// Where the sessions are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sessions {
    /// In cookies; the store holds what the instances share.
    Cookies,
    /// In the store; the cookie holds the key to it.
    Store,
}

impl Sessions {
    /// The word of the command line.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Cookies => "cookies",
            Self::Store => "store",
        }
    }
}

impl Settings {
    pub(crate) const fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}
