//! Waiting for what happens in the background.

use std::time::Duration;

/// Waits until `happens`, for which nobody can be asked to wait.
///
/// # Panics
/// Where it has not happened within ten seconds of real time; `what` says what that is.
pub async fn eventually(what: &str, happens: impl AsyncFn() -> bool) {
    let waiting = async {
        while !happens().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect(what);
}
