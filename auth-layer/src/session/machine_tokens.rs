//! Machine tokens in the store that instances share.
//!
//! # Rules
//! 1. A token is under a name that is derived from the client's secret and from what the token is for, and
//!    sealed with a key that is, too: who has the secret could get the token anyway, and nobody else reads it.
//! 2. It goes by itself when it ends.

use std::fmt;
use std::sync::Arc;

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
    clock: Clock,
}

impl MachineTokenRecords {
    /// `client` is whose tokens these are: others may share the store.
    pub(crate) fn new(store: Arc<dyn SessionStore>, client: Purpose, clock: Clock) -> Self {
        Self { store, client, clock }
    }

    /// `key` is derived from the client's secret.
    pub(crate) fn at(&self, key: RefreshKey) -> MachineTokenAt {
        let ticket = Ticket::new(KIND, &self.client, &key.0);
        MachineTokenAt { store: Arc::clone(&self.store), ticket, clock: self.clock.clone() }
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

    /// Puts a token where every instance finds it, unless there is one that lives longer.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn write(
        &self,
        token: &Arc<IssuedToken>,
        instead_of: Option<&IssuedToken>,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let lifetime = token.expires_at.since(self.clock.now()).min(LONGEST);
            if lifetime.is_zero() {
                return Ok(());
            }
            let (found, seen) = self.found().await?;
            let lives_longer = |found: &Arc<IssuedToken>| {
                found.expires_at > token.expires_at
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
/// The kind of records that machine tokens are.
const KIND: &str = "m";
const TRIES: usize = 8;
/// What a store can keep to.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(400 * 86_400);
