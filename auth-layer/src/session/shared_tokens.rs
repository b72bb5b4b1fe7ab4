//! Tokens that instances share, in their store: machine tokens, and exchanged ones.
//!
//! # Rules
//! 1. A token is under a name that is derived from a secret and from what the token is for, and sealed with a
//!    key that is, too. Whoever has the secret could get the token anyway, and nobody else reads it: of a
//!    machine token it is the client's, of an exchanged one that and the token that was exchanged.
//! 2. It goes by itself when it ends.
//! 3. Beside it is why none could be had, for as long as nobody asks: sealed in the same way.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::{Clock, Timestamp};
use crate::secret::SecretText;
use crate::session::refresh_notes::RefreshNotes;
use crate::session::seal::{OpenedSeal, Purpose, Ticket};
use crate::session::sealed_tokens::SealedTokens;
use crate::session::store::{Groups, SessionStore, StoreError, Swap, Version};
use crate::token::{IssuedToken, RefreshKey, TokenSet};

/// Which tokens they are: each kind has records of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SharedKind {
    /// Of the client itself.
    Machine,
    /// Got for another token, or for a session.
    Exchanged,
}

/// The tokens of one kind that one client has.
#[derive(Clone)]
pub(crate) struct SharedTokens {
    kind: SharedKind,
    store: Arc<dyn SessionStore>,
    client: Purpose,
    clock: Clock,
}

/// One token: for one secret, audience, set of scopes and whatever else it was asked with.
pub(crate) struct SharedTokenAt {
    store: Arc<dyn SessionStore>,
    ticket: Ticket,
    why: Ticket,
    clock: Clock,
}

impl SharedKind {
    /// The letters of the token, of why there is none, and of the lease of whoever asks.
    const fn letters(self) -> [&'static str; 3] {
        match self {
            Self::Machine => ["m", "w", "c"],
            Self::Exchanged => ["x", "y", "z"],
        }
    }
}

impl SharedTokens {
    /// `client` is whose tokens these are: others may share the store.
    pub(crate) fn new(kind: SharedKind, store: Arc<dyn SessionStore>, client: Purpose, clock: Clock) -> Self {
        Self { kind, store, client, clock }
    }

    /// `key` is derived from the secret.
    pub(crate) fn at(&self, key: RefreshKey) -> SharedTokenAt {
        let [ticket, why, _] = self.kind.letters().map(|letter| Ticket::new(letter, &self.client, &key.0));
        SharedTokenAt { store: Arc::clone(&self.store), ticket, why, clock: self.clock.clone() }
    }

    /// The notes of who asks for which.
    pub(crate) fn leases(&self) -> RefreshNotes {
        let [_, _, lease] = self.kind.letters();
        RefreshNotes::of_leases(lease, Arc::clone(&self.store), self.client.clone())
    }
}

impl SharedTokenAt {
    /// The token as it stands; what does not open is nobody's, and read as none.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn read(&self) -> Result<Option<Arc<IssuedToken>>, StoreError> {
        Ok(self.found().await?.0)
    }

    async fn found(&self) -> Result<(Option<Arc<IssuedToken>>, Option<Version>), StoreError> {
        let Some(found) = self.store.load(self.ticket.name()).await? else { return Ok((None, None)) };
        let token = self.ticket.open(found.bytes).ok().and_then(|opened| decode(&opened));
        Ok((token, Some(found.version)))
    }

    /// Puts a token where every instance finds it, unless there is one of a known age that lives longer.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn write(
        &self,
        token: &Arc<IssuedToken>,
        instead_of: Option<&IssuedToken>,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let now = self.clock.now();
            let lifetime = token.expires_at.since(now).min(LONGEST);
            if lifetime.is_zero() {
                return Ok(());
            }
            let (found, seen) = self.found().await?;
            let lives_longer = |found: &Arc<IssuedToken>| {
                found.expires_at > token.expires_at
                    && !found.is_from_the_future(now)
                    && !instead_of.is_some_and(|refused| refused.value.ct_eq(found.value.as_bytes()))
            };
            if found.as_ref().is_some_and(lives_longer) {
                return Ok(());
            }
            let sealed = self.ticket.seal(&encode(token));
            let swap = match seen {
                None => self.store.insert(self.ticket.name(), sealed, lifetime, Groups::none()).await?,
                Some(seen) => self.store.compare_and_swap(self.ticket.name(), seen, sealed, lifetime).await?,
            };
            if let Swap::Done(_) = swap {
                return Ok(());
            }
        }
        Err(StoreError::new("a token could not be written: what is under its name is not ours"))
    }

    /// Says why there is no token, and that nobody asks for one in so long a time.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn write_why(&self, why: &impl Serialize, wait: Duration) -> Result<(), StoreError> {
        let until = self.clock.now().plus(wait);
        let encoded = postcard::to_extend(&(why, until), vec![VERSION_OF_WHY])
            .expect("strings and numbers always have a compact form");
        let (sealed, name) = (self.why.seal(&encoded), self.why.name());
        let lifetime = wait.clamp(SHORTEST, LONGEST);
        match self.store.load(name).await? {
            None => self.store.insert(name, sealed, lifetime, Groups::none()).await?,
            Some(seen) => self.store.compare_and_swap(name, seen.version, sealed, lifetime).await?,
        };
        // Whoever was faster has said the same.
        Ok(())
    }

    /// Why there is no token, and how long nobody asks for one, if an instance said so; what another version wrote
    /// is read as nothing.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn read_why<W: DeserializeOwned>(&self) -> Result<Option<(W, Duration)>, StoreError> {
        let Some(found) = self.store.load(self.why.name()).await? else { return Ok(None) };
        let Ok(opened) = self.why.open(found.bytes) else { return Ok(None) };
        let [VERSION_OF_WHY, body @ ..] = opened.plaintext() else { return Ok(None) };
        let Ok((why, until)) = postcard::from_bytes::<(W, Timestamp)>(body) else { return Ok(None) };
        // Another's clock may be ahead, but not by more than anyone ever waits.
        let left = until.since(self.clock.now()).min(LONGEST_WAIT);
        Ok((!left.is_zero()).then_some((why, left)))
    }
}

fn encode(token: &Arc<IssuedToken>) -> Vec<u8> {
    let set = TokenSet { access_tokens: vec![Arc::clone(token)], ..TokenSet::default() };
    postcard::to_extend(&SealedTokens::of(&set), vec![VERSION])
        .expect("strings and numbers always have a compact form")
}

fn decode(opened: &OpenedSeal) -> Option<Arc<IssuedToken>> {
    let [VERSION, body @ ..] = opened.plaintext() else { return None };
    let (tokens, rest) = postcard::take_from_bytes::<SealedTokens<'_>>(body).ok()?;
    let set = tokens.open(|text| SecretText::part_of(opened.buffer(), text));
    let token = set.access_tokens.into_iter().next()?;
    (rest.is_empty() && token.expires_at > Timestamp::default()).then_some(token)
}

impl fmt::Debug for SharedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedTokens").field(&self.kind).finish_non_exhaustive()
    }
}

const VERSION: u8 = 1;
/// 1 had no code of the provider's.
const VERSION_OF_WHY: u8 = 2;
const TRIES: usize = 8;
/// What a store can keep to.
const LONGEST: Duration = Duration::from_secs(400 * 86_400);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::session::MemoryStore;

    const MINUTE: Duration = Duration::from_secs(60);

    fn place() -> SharedTokenAt {
        let clock = Clock::manual(Timestamp::from_unix_seconds(1_764_547_200));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        SharedTokens::new(SharedKind::Machine, store, Purpose::new("worker"), clock).at(RefreshKey([7; 32]))
    }

    #[tokio::test]
    async fn the_last_reason_is_found() {
        let place = place();
        for why in [None, Some("invalid_client".to_owned())] {
            place.write_why(&why, MINUTE).await.unwrap();
            assert_eq!(place.read_why().await.unwrap(), Some((why, MINUTE)));
        }
    }

    /// Instances of two releases share a store while one is rolled out.
    #[tokio::test]
    async fn a_reason_of_another_version_is_none_and_is_replaced() {
        let place = place();
        let until = place.clock.now().plus(MINUTE);
        for version in [1, VERSION_OF_WHY + 1] {
            let encoded = postcard::to_extend(&(0_u8, until), vec![version]).unwrap();
            let name = place.why.name();
            place.store.remove(name).await.unwrap();
            place.store.insert(name, place.why.seal(&encoded), MINUTE, Groups::none()).await.unwrap();
            assert_eq!(place.read_why::<u8>().await.unwrap(), None, "{version}");
        }
        place.write_why(&7_u8, MINUTE).await.unwrap();
        assert_eq!(place.read_why().await.unwrap(), Some((7_u8, MINUTE)));
    }

    #[tokio::test]
    async fn a_kind_has_records_of_its_own() {
        let clock = Clock::manual(Timestamp::from_unix_seconds(1_764_547_200));
        let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(clock.clone()));
        let at = |kind| {
            SharedTokens::new(kind, Arc::clone(&store), Purpose::new("shop"), clock.clone())
                .at(RefreshKey([7; 32]))
        };
        at(SharedKind::Machine).write_why(&1_u8, MINUTE).await.unwrap();
        assert_eq!(at(SharedKind::Exchanged).read_why::<u8>().await.unwrap(), None);
    }
}
