//! How a cached token is used, noted in the token itself.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// How an entry was used, and when it came.
#[derive(Debug, Default)]
pub(crate) struct Mark {
    uses: AtomicU8,
    came: AtomicU64,
}

impl Mark {
    /// Notes the place in the order of coming.
    pub(crate) fn came(&self, came: u64) {
        self.came.store(came, Ordering::Relaxed);
    }

    /// Notes a use; what is used all the time is not written all the time.
    pub(crate) fn used(&self) {
        let uses = self.uses.load(Ordering::Relaxed);
        if uses < MOST_USES {
            self.uses.store(uses + 1, Ordering::Relaxed);
        }
    }

    pub(crate) fn age(&self) {
        let uses = self.uses.load(Ordering::Relaxed);
        self.uses.store(uses.saturating_sub(1), Ordering::Relaxed);
    }

    /// The least comes first.
    pub(crate) fn rank(&self) -> (u8, u64) {
        (self.uses.load(Ordering::Relaxed), self.came.load(Ordering::Relaxed))
    }
}

const MOST_USES: u8 = 3;
