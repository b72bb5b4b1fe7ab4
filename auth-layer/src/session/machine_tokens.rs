//! Machine tokens in the store that instances share.
//!
//! # Rules
//! 1. A token is under a name that is derived from the client's secret and from what the token is for, and
//!    sealed with a key that is, too: who has the secret could get the token anyway, and nobody else reads it.
//! 2. It goes by itself when it ends.
//! 3. Beside it is why none could be had, for as long as nobody asks: sealed in the same way.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Timestamp};
use crate::secret::SecretText;
use crate::session::seal::{OpenedSeal, Purpose, Ticket};
use crate::session::sealed_tokens::SealedTokens;
use crate::session::store::{Groups, SessionStore, StoreError, Swap, Version};
use crate::token::{IssuedToken, RefreshKey, TokenSet};

/// The machine tokens of one client.
#[derive(Clone)]
pub(crate) struct MachineTokenRecords {
    store: Arc<dyn SessionStore>,
    client: Purpose,
    clock: Clock,
}

/// The token for one audience, set of scopes and organization.
pub(crate) struct MachineTokenAt {
    store: Arc<dyn SessionStore>,
    ticket: Ticket,
    why: Ticket,
    clock: Clock,
}

/// Why an instance got no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NoToken {
    /// The provider gave no answer.
    Unavailable,
    /// It refused, with this code.
    Refused(Option<String>),
    /// It did not grant these scopes.
    InsufficientScope(Vec<String>),
}

impl MachineTokenRecords {
    /// `client` is whose tokens these are: others may share the store.
    pub(crate) fn new(store: Arc<dyn SessionStore>, client: Purpose, clock: Clock) -> Self {
        Self { store, client, clock }
    }

    /// `key` is derived from the client's secret.
    pub(crate) fn at(&self, key: RefreshKey) -> MachineTokenAt {
        let ticket = |kind| Ticket::new(kind, &self.client, &key.0);
        let (store, clock) = (Arc::clone(&self.store), self.clock.clone());
        MachineTokenAt { store, ticket: ticket(KIND), why: ticket(KIND_OF_WHY), clock }
    }
}

impl MachineTokenAt {
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
        Err(StoreError::new("a machine token could not be written: what is under its name is not ours"))
    }

    /// Says why there is no token, and that nobody asks for one in so long a time.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn write_why(&self, why: &NoToken, wait: Duration) -> Result<(), StoreError> {
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
    pub(crate) async fn read_why(&self) -> Result<Option<(NoToken, Duration)>, StoreError> {
        let Some(found) = self.store.load(self.why.name()).await? else { return Ok(None) };
        let Ok(opened) = self.why.open(found.bytes) else { return Ok(None) };
        let [VERSION_OF_WHY, body @ ..] = opened.plaintext() else { return Ok(None) };
        let Ok((why, until)) = postcard::from_bytes::<(NoToken, Timestamp)>(body) else { return Ok(None) };
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

impl fmt::Debug for MachineTokenRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MachineTokenRecords(..)")
    }
}

const VERSION: u8 = 1;
/// 1 had no code of the provider's.
const VERSION_OF_WHY: u8 = 2;
/// The kind of records that machine tokens are.
const KIND: &str = "m";
const KIND_OF_WHY: &str = "w";
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

    fn place() -> MachineTokenAt {
        let clock = Clock::manual(Timestamp::from_unix_seconds(1_764_547_200));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        MachineTokenRecords::new(store, Purpose::new("worker"), clock).at(RefreshKey([7; 32]))
    }

    #[tokio::test]
    async fn the_last_reason_is_found_with_its_code() {
        let place = place();
        for code in [None, Some("invalid_client".to_owned())] {
            let why = NoToken::Refused(code);
            place.write_why(&why, MINUTE).await.unwrap();
            assert_eq!(place.read_why().await.unwrap(), Some((why, MINUTE)));
        }
    }

    /// Instances of two releases share a store while one is rolled out.
    #[tokio::test]
    async fn a_reason_of_another_version_is_none_and_is_replaced() {
        let place = place();
        let until = place.clock.now().plus(MINUTE);
        // `Unavailable`, as every version so far has it.
        for version in [1, VERSION_OF_WHY + 1] {
            let encoded = postcard::to_extend(&(0_u8, until), vec![version]).unwrap();
            let name = place.why.name();
            place.store.remove(name).await.unwrap();
            place.store.insert(name, place.why.seal(&encoded), MINUTE, Groups::none()).await.unwrap();
            assert_eq!(place.read_why().await.unwrap(), None, "{version}");
        }
        place.write_why(&NoToken::Unavailable, MINUTE).await.unwrap();
        assert_eq!(place.read_why().await.unwrap(), Some((NoToken::Unavailable, MINUTE)));
    }
}
