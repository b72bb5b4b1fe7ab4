//! What the application has told us to refuse: tokens by their `jti`, and all tokens of a subject so far.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

use crate::clock::{Clock, Timestamp};
use crate::identifier::Issuer;

/// Revocations of this process, each kept until the tokens that it is about have ended by themselves.
pub(super) struct Revocations {
    clock: Clock,
    epoch: AtomicU64,
    lists: Mutex<Lists>,
}

#[derive(Default)]
struct Lists {
    tokens: List,
    subjects: List,
}

/// A bounded list: what ends first is forgotten first.
#[derive(Default)]
struct List {
    /// When it ends, and before when a token must have been issued to be meant.
    entries: HashMap<Key, (Timestamp, Timestamp)>,
    by_end: BTreeSet<(Timestamp, Key)>,
    /// It was full, and that was said.
    was_full: bool,
}

type Key = [u8; 32];

impl Revocations {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, epoch: AtomicU64::new(0), lists: Mutex::default() }
    }

    /// Goes up with each revocation, so that known tokens are judged again.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    pub(super) fn revoke_token(&self, issuer: &Issuer, token_id: &str, until: Timestamp) {
        let (now, token) = (self.clock.now(), key(issuer, token_id));
        self.lock().tokens.add(token, Timestamp::from_unix_seconds(u64::MAX), until, now);
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Revokes what was issued to a subject up to `issued_until`.
    pub(super) fn revoke_subject(
        &self,
        issuer: &Issuer,
        subject: &str,
        issued_until: Timestamp,
        until: Timestamp,
    ) {
        let (now, subject) = (self.clock.now(), key(issuer, subject));
        self.lock().subjects.add(subject, issued_until, until, now);
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether a token is refused; one that does not say when it was issued counts as issued before.
    pub(super) fn is_revoked(
        &self,
        issuer: &Issuer,
        token_id: Option<&str>,
        subject: Option<&str>,
        issued_at: Option<Timestamp>,
    ) -> bool {
        // Nothing was ever revoked: most services.
        if self.epoch() == 0 {
            return false;
        }
        let (token, subject) = (token_id.map(|id| key(issuer, id)), subject.map(|name| key(issuer, name)));
        // All known tokens come here after a revocation: they wait for a look, not for a hash.
        let (now, lists) = (self.clock.now(), self.lock());
        token.is_some_and(|token| lists.tokens.has(&token, None, now))
            || subject.is_some_and(|subject| lists.subjects.has(&subject, issued_at, now))
    }

    fn lock(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl List {
    fn add(&mut self, key: Key, issued_until: Timestamp, until: Timestamp, now: Timestamp) {
        while let Some(first) = self.by_end.first().copied().filter(|(end, _)| *end <= now) {
            self.remove(first);
        }
        let (mut until, mut issued_until) = (until, issued_until);
        if let Some((held_until, held_issued)) = self.entries.get(&key).copied() {
            (until, issued_until) = (until.max(held_until), issued_until.max(held_issued));
            self.by_end.remove(&(held_until, key));
        }
        self.entries.insert(key, (until, issued_until));
        self.by_end.insert((until, key));
        if self.entries.len() > MOST
            && let Some(first) = self.by_end.first().copied()
        {
            if !std::mem::replace(&mut self.was_full, true) {
                tracing::warn!(
                    most = MOST,
                    "too many revocations are remembered: the one that ends first is forgotten"
                );
            }
            self.remove(first);
        }
    }

    fn remove(&mut self, entry: (Timestamp, Key)) {
        self.by_end.remove(&entry);
        self.entries.remove(&entry.1);
    }

    fn has(&self, key: &Key, issued_at: Option<Timestamp>, now: Timestamp) -> bool {
        self.entries.get(key).is_some_and(|(until, issued_until)| {
            now < *until && issued_at.is_none_or(|issued_at| issued_at <= *issued_until)
        })
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations").field("epoch", &self.epoch()).finish_non_exhaustive()
    }
}

fn key(issuer: &Issuer, name: &str) -> Key {
    let mut context = Context::new(&SHA256);
    for part in [issuer.as_str(), name] {
        // The length goes first, so that no two splits of the same bytes share a key.
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut key = [0_u8; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

const MOST: usize = 100_000;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: Timestamp = Timestamp::from_unix_seconds(1_000);

    fn issuer() -> Issuer {
        Issuer::from("https://op.example")
    }

    #[test]
    fn a_token_is_refused_until_it_would_have_ended() {
        let clock = Clock::manual(START);
        let revocations = Revocations::new(clock.clone());
        assert!(!revocations.is_revoked(&issuer(), Some("a"), None, None));
        revocations.revoke_token(&issuer(), "a", START.plus(Duration::from_secs(60)));
        assert_eq!(revocations.epoch(), 1);
        assert!(revocations.is_revoked(&issuer(), Some("a"), Some("ada"), Some(START)));
        for (name, issuer, token) in [
            ("another token", issuer(), Some("b")),
            ("another issuer", Issuer::from("https://other.example"), Some("a")),
            ("no name", issuer(), None),
        ] {
            assert!(!revocations.is_revoked(&issuer, token, None, None), "{name}");
        }
        clock.advance(Duration::from_secs(60));
        assert!(!revocations.is_revoked(&issuer(), Some("a"), None, None), "it has ended by itself");
    }

    #[test]
    fn a_subjects_tokens_are_refused_up_to_a_moment() {
        let revocations = Revocations::new(Clock::manual(START));
        let later = START.plus(Duration::from_secs(3_600));
        revocations.revoke_subject(&issuer(), "ada", START, later);
        for (name, subject, issued_at, refused) in [
            ("before", "ada", Some(START.minus(Duration::from_secs(5))), true),
            ("in that moment", "ada", Some(START), true),
            ("not said", "ada", None, true),
            ("after", "ada", Some(START.plus(Duration::from_secs(1))), false),
            ("another's", "bob", Some(START), false),
        ] {
            assert_eq!(revocations.is_revoked(&issuer(), None, Some(subject), issued_at), refused, "{name}");
        }
    }

    #[test]
    fn beyond_its_bound_a_list_forgets_what_ends_first_and_what_has_ended_before_that() {
        let name = |number: usize| key(&issuer(), &number.to_string());
        let ends = |number: usize| START.plus(Duration::from_millis(number as u64 + 1));
        let mut list = List::default();
        (0..=MOST).for_each(|number| list.add(name(number), START, ends(number), START));
        assert!(list.was_full && list.entries.len() == MOST && list.by_end.len() == MOST);
        assert!(!list.has(&name(0), None, START) && list.has(&name(1), None, START));
        // Half of them have ended by then: they make room, and nothing that still counts has to.
        list.add(name(MOST + 1), START, ends(MOST + 1), ends(MOST / 2));
        assert_eq!((list.entries.len(), list.by_end.len()), (MOST / 2 + 1, MOST / 2 + 1));
        assert!(list.has(&name(MOST / 2 + 1), None, ends(MOST / 2)));
    }

    #[test]
    fn what_is_revoked_twice_is_refused_for_the_longer_time_and_the_lists_are_bounded() {
        let clock = Clock::manual(START);
        let revocations = Revocations::new(clock.clone());
        revocations.revoke_token(&issuer(), "a", START.plus(Duration::from_secs(900)));
        revocations.revoke_token(&issuer(), "a", START.plus(Duration::from_secs(10)));
        clock.advance(Duration::from_secs(100));
        assert!(revocations.is_revoked(&issuer(), Some("a"), None, None));
        let lists = revocations.lists.lock();
        assert!(lists.is_ok_and(|lists| lists.tokens.by_end.len() == lists.tokens.entries.len()));
    }
}
