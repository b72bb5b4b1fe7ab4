//! Tokens that came in place of refused ones: an API that refuses every token gets no new one for each request.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use moka::sync::Cache;

use crate::clock::{Clock, Timestamp};
use crate::token::AccessToken;

/// The tokens that took the place of others a moment ago.
#[derive(Debug)]
pub(super) struct Replacements {
    /// By a keyed hash: no token is kept here.
    brought: Cache<u64, Timestamp>,
    key: RandomState,
    clock: Clock,
}

impl Replacements {
    pub(super) fn new(clock: Clock) -> Self {
        Self { brought: Cache::new(MOST), key: RandomState::new(), clock }
    }

    /// Whether a token that was refused may be replaced: not where it took another's place a moment ago,
    /// since the next one would be refused as well.
    pub(super) fn may_replace(&self, refused: &AccessToken) -> bool {
        let brought = self.brought.get(&self.hash(refused));
        brought.is_none_or(|at| self.clock.now() >= at.plus(PAUSE))
    }

    pub(super) fn note(&self, token: &AccessToken) {
        self.brought.insert(self.hash(token), self.clock.now());
    }

    fn hash(&self, token: &AccessToken) -> u64 {
        self.key.hash_one(token.expose())
    }
}

const MOST: u64 = 10_000;
const PAUSE: Duration = Duration::from_secs(10);
