//! How often things go wrong, and for how long: less in a run of all tests than by `cargo xtask soak fleet`.

use std::time::Duration;

/// The number of rounds: the first, or the second where `FLEET_THOROUGH` is set.
pub(super) fn rounds(quick: usize, thorough: usize) -> usize {
    if std::env::var_os("FLEET_THOROUGH").is_some() { thorough } else { quick }
}

/// How long the store is away.
pub(super) fn outage() -> Duration {
    Duration::from_secs(rounds(8, 30) as u64)
}
