//! The pauses between tries of what a store that is away has to be told: ever longer, up to two seconds.

use std::time::Duration;

/// The next pause.
///
/// Many may have logged out meanwhile, and a store that comes back has enough to do.
#[derive(Debug)]
pub(super) struct Pause(Duration);

impl Pause {
    pub(super) const fn new() -> Self {
        Self(FIRST)
    }

    pub(super) async fn pass(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(LONGEST);
    }
}

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(2);
