//! What instances tell each other about the refresh of one session, in the store that they share.
//!
//! # Rules
//! 1. A refresh token has one note. It is under a name that is derived from the token, and sealed with a
//!    key that is, too: only who holds the token (in a session's cookie) reads what became of it.
//! 2. A note is changed by compare-and-swap, so that its version is the fencing number of the lease: an
//!    instance that held it and was suspended beyond its end replaces nobody's note.
//! 3. Notes go by themselves: a lease when its holder dies, a result when nobody can ask for it any more.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::secret::SecretText;
use crate::session::seal::{OpenedSeal, Purpose, Ticket};
use crate::session::sealed_tokens::SealedTokens;
use crate::session::store::{Groups, SessionStore, StoreError, Swap, Version};
use crate::token::{RefreshKey, TokenSet};

/// What is known of a refresh.
#[derive(Debug)]
pub(crate) enum RefreshNote {
    /// An instance has the lease: it alone may spend the refresh token.
    Held { by: Holder },
    /// This is what it came to, for requests that began before `until`.
    Settled { tokens: Arc<TokenSet>, until: Timestamp },
    /// The provider said that the grant is dead.
    Refused,
    /// The provider gave no answer, so many times: nobody asks before.
    Waiting { attempt: u32, until: Timestamp },
}

/// Which flight of which instance holds a lease: 128 random bits.
pub(crate) type Holder = [u8; 16];

/// The notes of one client's refreshes.
#[derive(Clone)]
pub(crate) struct RefreshNotes {
    kind: &'static str,
    store: Arc<dyn SessionStore>,
    client: Purpose,
}

/// The note of one refresh token.
pub(crate) struct NoteAt {
    store: Arc<dyn SessionStore>,
    ticket: Ticket,
}

#[derive(Serialize, Deserialize)]
enum Wire<'a> {
    Held {
        by: Holder,
    },
    Settled {
        #[serde(borrow)]
        tokens: SealedTokens<'a>,
        until: Timestamp,
    },
    Refused,
    Waiting {
        attempt: u32,
        until: Timestamp,
    },
}

impl RefreshNotes {
    /// `client` is whose notes these are: others may share the store.
    pub(crate) fn new(store: Arc<dyn SessionStore>, client: Purpose) -> Self {
        Self { kind: KIND, store, client }
    }

    /// The same for tokens that are kept elsewhere: of a note there is the lease alone.
    pub(super) fn of_leases(kind: &'static str, store: Arc<dyn SessionStore>, client: Purpose) -> Self {
        Self { kind, store, client }
    }

    pub(crate) fn at(&self, key: RefreshKey) -> NoteAt {
        NoteAt { store: Arc::clone(&self.store), ticket: Ticket::new(self.kind, &self.client, &key.0) }
    }
}

impl NoteAt {
    /// The note as it stands; one that does not open is nobody's, and read as none.
    pub(crate) async fn read(&self) -> Result<Option<(RefreshNote, Version)>, StoreError> {
        let Some(found) = self.store.load(self.ticket.name()).await? else { return Ok(None) };
        let note = self.ticket.open(found.bytes).ok().and_then(|opened| RefreshNote::decode(&opened));
        Ok(note.map(|note| (note, found.version)))
    }

    /// Writes the first note.
    pub(crate) async fn insert(&self, note: &RefreshNote, lifetime: Duration) -> Result<Swap, StoreError> {
        let sealed = self.ticket.seal(&note.encode());
        self.store.insert(self.ticket.name(), sealed, lifetime, Groups::none()).await
    }

    /// Puts a note in the place of the one that was seen.
    pub(crate) async fn replace(
        &self,
        seen: Version,
        note: &RefreshNote,
        lifetime: Duration,
    ) -> Result<Swap, StoreError> {
        let sealed = self.ticket.seal(&note.encode());
        self.store.compare_and_swap(self.ticket.name(), seen, sealed, lifetime).await
    }

    /// Takes away the note that was seen.
    pub(crate) async fn remove(&self, seen: Version) -> Result<Swap, StoreError> {
        self.store.compare_and_remove(self.ticket.name(), seen).await
    }
}

impl RefreshNote {
    fn encode(&self) -> Vec<u8> {
        let wire = match self {
            Self::Held { by } => Wire::Held { by: *by },
            Self::Settled { tokens, until } => {
                Wire::Settled { tokens: SealedTokens::of(tokens), until: *until }
            }
            Self::Refused => Wire::Refused,
            Self::Waiting { attempt, until } => Wire::Waiting { attempt: *attempt, until: *until },
        };
        postcard::to_extend(&wire, vec![VERSION]).expect("strings and numbers always have a compact form")
    }

    fn decode(opened: &OpenedSeal) -> Option<Self> {
        let [VERSION, body @ ..] = opened.plaintext() else { return None };
        let (wire, rest) = postcard::take_from_bytes::<Wire<'_>>(body).ok()?;
        let part = |text: &[u8]| SecretText::part_of(opened.buffer(), text);
        rest.is_empty().then(|| match wire {
            Wire::Held { by } => Self::Held { by },
            Wire::Settled { tokens, until } => Self::Settled { tokens: Arc::new(tokens.open(part)), until },
            Wire::Refused => Self::Refused,
            Wire::Waiting { attempt, until } => Self::Waiting { attempt, until },
        })
    }
}

impl fmt::Debug for RefreshNotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshNotes(..)")
    }
}

impl fmt::Debug for NoteAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoteAt(..)")
    }
}

const VERSION: u8 = 1;
/// The kind of records that notes are.
const KIND: &str = "r";

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
