//! The exchanged tokens of a process, by whose they are.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::clock::Timestamp;
use crate::exchange::decide::Kept;
use crate::exchange::key::{Key, SubjectKey, TargetKey};

/// Tokens by subject and target; reading one takes no lock of ours.
#[derive(Debug)]
pub(crate) struct KeptTokens {
    by_subject: Cache<SubjectKey, Arc<OfSubject>>,
    /// So that of two tokens that come at once for one subject, neither is lost.
    writing: Mutex<()>,
}

/// What was got for one subject; replaced as a whole.
#[derive(Debug)]
struct OfSubject {
    tokens: Vec<(TargetKey, Kept)>,
    /// How long the last of them lives.
    lasts: Duration,
}

impl KeptTokens {
    pub(crate) fn new() -> Self {
        Self::of_at_most(MOST_BYTES)
    }

    fn of_at_most(bytes: u64) -> Self {
        let by_subject = Cache::builder()
            .max_capacity(bytes)
            .weigher(|_, tokens: &Arc<OfSubject>| tokens.bytes())
            // The newest are the ones that are in use; a newcomer is never turned away.
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(EachInItsTime);
        Self { by_subject: by_subject.build(), writing: Mutex::new(()) }
    }

    pub(crate) fn get(&self, key: Key) -> Option<Kept> {
        let tokens = self.by_subject.get(&key.subject)?;
        tokens.tokens.iter().find(|(target, _)| *target == key.target).map(|(_, kept)| kept.clone())
    }

    pub(crate) fn put(&self, key: Key, kept: Kept, now: Timestamp) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.by_subject.get(&key.subject);
        let others = held.iter().flat_map(|held| &held.tokens);
        let mut tokens: Vec<(TargetKey, Kept)> = others
            .filter(|(target, kept)| *target != key.target && kept.token.issued.is_living(now))
            .cloned()
            .collect();
        tokens.push((key.target, kept));
        tokens.sort_by_key(|(_, kept)| kept.token.issued.expires_at);
        // Those that end first are the ones that are missed least.
        tokens.drain(..tokens.len().saturating_sub(MOST_TARGETS));
        let last = tokens.last().map_or(now, |(_, kept)| kept.token.issued.expires_at);
        self.by_subject.insert(key.subject, Arc::new(OfSubject { tokens, lasts: last.since(now) }));
    }

    /// Drops all that was got for a subject.
    pub(crate) fn forget(&self, subject: &SubjectKey) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.by_subject.invalidate(subject);
    }
}

impl OfSubject {
    fn bytes(&self) -> u32 {
        let tokens = self.tokens.iter().map(|(_, kept)| {
            let issued = &kept.token.issued;
            // The value is there once more, in the header that is put together already.
            OVERHEAD_OF_TOKEN + 2 * issued.value.as_bytes().len() + issued.granted.as_str().len()
        });
        u32::try_from(OVERHEAD_OF_SUBJECT + tokens.sum::<usize>()).unwrap_or(u32::MAX)
    }
}

/// By the system's clock, for the memory alone: what is served is judged by the injected one.
struct EachInItsTime;

impl Expiry<SubjectKey, Arc<OfSubject>> for EachInItsTime {
    fn expire_after_create(&self, _: &SubjectKey, value: &Arc<OfSubject>, _: Instant) -> Option<Duration> {
        Some(value.lasts)
    }

    fn expire_after_update(
        &self,
        _: &SubjectKey,
        value: &Arc<OfSubject>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.lasts)
    }
}

const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// Of one subject; one token asked for with ever other scopes displaces its own alone.
const MOST_TARGETS: usize = 32;
const OVERHEAD_OF_SUBJECT: usize = 256;
const OVERHEAD_OF_TOKEN: usize = 320;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::claim_path::{ClaimPaths, ClaimTerms};
    use crate::clock::Clock;
    use crate::exchange::request::ExchangeRequest;
    use crate::identifier::{ClientId, Issuer};
    use crate::scope::ScopeSet;
    use crate::secret::SecretText;
    use crate::token::{IssuedToken, OwnToken, Principal, TokenSource};

    fn now() -> Timestamp {
        Timestamp::from_unix_seconds(1_000_000)
    }

    fn key(subject: usize, target: usize) -> Key {
        Key {
            subject: SubjectKey::of_token(&subject.to_string(), &ClientId::from("c"), &Issuer::from("i")),
            target: TargetKey::of_request(&ExchangeRequest::for_audience(target.to_string())),
        }
    }

    fn kept(value: &str, lives: u64) -> Kept {
        let issued = IssuedToken {
            value: SecretText::from(value),
            audience: None,
            granted: ScopeSet::default(),
            issued_at: now(),
            expires_at: now().plus(Duration::from_secs(lives)),
        };
        let clock = Clock::manual(now());
        let terms = Arc::new(ClaimTerms { paths: ClaimPaths::default(), clock, skew: Duration::ZERO });
        let whose = (TokenSource::Exchange, Principal::User);
        let token =
            OwnToken::exchanged(Arc::new(issued), whose, Issuer::from("i"), ClientId::from("c"), terms);
        Kept { token: Arc::new(token), renew_at: None }
    }

    fn value(tokens: &KeptTokens, key: Key) -> Option<String> {
        tokens.get(key).map(|kept| kept.token.issued.value.expose().to_owned())
    }

    #[test]
    fn a_subject_has_a_token_for_each_target_and_none_of_anothers() {
        let tokens = KeptTokens::new();
        for (place, text) in
            [(key(1, 1), "1 1"), (key(1, 2), "1 2"), (key(2, 1), "2 1"), (key(1, 1), "1 1 newer")]
        {
            tokens.put(place, kept(text, 60), now());
        }
        assert_eq!(value(&tokens, key(1, 1)).as_deref(), Some("1 1 newer"));
        assert_eq!(value(&tokens, key(1, 2)).as_deref(), Some("1 2"));
        assert_eq!(value(&tokens, key(2, 1)).as_deref(), Some("2 1"));
        assert_eq!(value(&tokens, key(2, 2)), None);
        tokens.forget(&key(1, 1).subject);
        assert_eq!((value(&tokens, key(1, 1)), value(&tokens, key(1, 2))), (None, None));
        assert_eq!(value(&tokens, key(2, 1)).as_deref(), Some("2 1"));
    }

    #[test]
    fn a_subject_of_many_targets_keeps_those_that_live_longest() {
        let tokens = KeptTokens::new();
        for target in 0..MOST_TARGETS + 10 {
            tokens.put(key(1, target), kept("at", 100 + target as u64), now());
        }
        let held = |target| tokens.get(key(1, target)).is_some();
        assert!((0..10).all(|target| !held(target)));
        assert!((10..MOST_TARGETS + 10).all(held));
    }

    #[test]
    fn memory_is_bounded_by_bytes_and_a_newcomer_is_let_in() {
        let tokens = KeptTokens::of_at_most(100_000);
        let long = "x".repeat(10_000);
        for subject in 0..100 {
            tokens.put(key(subject, 1), kept(&long, 60), now());
            tokens.by_subject.run_pending_tasks();
            assert!(tokens.get(key(subject, 1)).is_some(), "{subject}");
            assert!(tokens.by_subject.weighted_size() <= 100_000, "{subject}");
        }
        assert!(tokens.get(key(0, 1)).is_none());
    }
}
