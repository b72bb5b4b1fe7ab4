//! Tokens that came in place of refused ones: an API that refuses every token gets no new one for each request.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use moka::policy::EvictionPolicy;
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
        // The newest are the ones that count; by default those that were asked for more often would stay.
        let brought = Cache::builder().max_capacity(MOST).eviction_policy(EvictionPolicy::lru());
        Self { brought: brought.build(), key: RandomState::new(), clock }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::claim_path::{ClaimPaths, ClaimTerms};
    use crate::identifier::{ClientId, Issuer};
    use crate::scope::ScopeSet;
    use crate::secret::SecretText;
    use crate::token::{IssuedToken, OwnToken, Principal, TokenSource};

    fn token(value: &str, clock: &Clock) -> AccessToken {
        let issued = IssuedToken {
            value: SecretText::from(value),
            audience: None,
            granted: ScopeSet::default(),
            issued_at: clock.now(),
            expires_at: clock.now().plus(Duration::from_secs(60)),
        };
        let terms = ClaimTerms { paths: ClaimPaths::default(), clock: clock.clone(), skew: Duration::ZERO };
        let whose = (TokenSource::Exchange, Principal::User);
        let (issuer, client) = (Issuer::from("i"), ClientId::from("c"));
        AccessToken::own(Arc::new(OwnToken::exchanged(
            Arc::new(issued),
            whose,
            issuer,
            client,
            Arc::new(terms),
        )))
    }

    /// Else an API that refuses every token would get a new one for each request again, once there were many.
    #[test]
    fn the_newest_are_remembered_however_many_there_were() {
        let clock = Clock::manual(Timestamp::from_unix_seconds(1_000_000));
        let replacements = Replacements::new(clock.clone());
        for number in 0..MOST + 2_000 {
            let token = token(&number.to_string(), &clock);
            replacements.note(&token);
            replacements.brought.run_pending_tasks();
            assert!(!replacements.may_replace(&token), "{number}");
        }
    }
}
