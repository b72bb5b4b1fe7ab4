//! What was measured: commands by a test, bytes and processor time by a bench.
//!
//! Commands: `cargo test -p tests --test real_parts costs::`. Bytes and times: `cargo xtask bench stores`.
//! Both print what is here; docs/scale.md says of which machine the figures are.

/// Commands of an operation, the look at the session that each request begins with left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commands {
    pub(crate) login: f64,
    pub(crate) roll: f64,
    pub(crate) refresh: f64,
    /// The first request after a refresh, at the first instance that sees it.
    pub(crate) acknowledge: f64,
    /// The first request after a refresh, at each other instance.
    pub(crate) first_seen: f64,
    pub(crate) logout: f64,
}

/// What a record takes, its share of the groups and of all overhead included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes {
    pub(crate) session: f64,
    pub(crate) note: f64,
    pub(crate) tombstone: f64,
}

/// Sessions in Redis.
pub(crate) const STORED: Commands =
    Commands { login: 6.0, roll: 2.0, refresh: 5.0, acknowledge: 0.0, first_seen: 0.0, logout: 4.0 };
/// Sessions in cookies, coordinated by Redis.
pub(crate) const COOKIES: Commands =
    Commands { login: 3.0, roll: 2.0, refresh: 5.0, acknowledge: 2.0, first_seen: 1.0, logout: 3.0 };

pub(crate) const REDIS: Bytes = Bytes { session: 3_194.0, note: 1_460.0, tombstone: 227.0 };
pub(crate) const POSTGRES: Bytes = Bytes { session: 3_215.0, note: 1_499.0, tombstone: 253.0 };

/// Processor time of Redis for a read, in seconds, where commands come one by one and the
/// machine is busy: the dearest case.
pub(crate) const READ: f64 = 32e-6;
/// The same for a script of ours.
pub(crate) const SCRIPT: f64 = 99e-6;
