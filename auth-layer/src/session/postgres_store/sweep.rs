//! The sweep: expired records are removed in the background, for as long as the store is in use.

use std::sync::Weak;
use std::time::Duration;

use aws_lc_rs::rand;

use crate::session::postgres_store::store::Inner;

/// Sweeps until the last copy of the store is dropped.
pub(super) async fn sweep(store: Weak<Inner>, interval: Duration) {
    loop {
        tokio::time::sleep(jittered(interval)).await;
        // Held for one sweep: nobody keeps a store alive by cleaning it.
        let Some(store) = store.upgrade() else { return };
        if let Err(error) = store.remove_expired().await {
            let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            tracing::warn!(why, "expired sessions were not removed: the next sweep tries again");
        }
    }
}

/// Between a half and one and a half of the interval: instances that started together drift apart.
fn jittered(interval: Duration) -> Duration {
    let mut byte = [128];
    // Without randomness there is no jitter: nothing secret depends on it.
    let _ = rand::fill(&mut byte);
    interval / 2 + interval * u32::from(byte[0]) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_drift_apart_around_their_interval() {
        let all: Vec<Duration> = (0..200).map(|_| jittered(Duration::from_secs(60))).collect();
        assert!(all.iter().all(|one| (30..=90).contains(&one.as_secs())));
        assert!(all.iter().any(|one| one.as_secs() < 50) && all.iter().any(|one| one.as_secs() > 70));
    }
}
