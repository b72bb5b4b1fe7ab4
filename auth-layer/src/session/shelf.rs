//! Where a session lives: in the browser's cookie, or in a store with its ticket in the cookie.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::session::record::SessionRecord;
use crate::session::seal::{Purpose, Ticket};
use crate::session::store::{Groups, SessionStore, StoreError, Swap, Version};
use crate::token::TokenSet;

/// Where an application keeps its sessions, and what its instances share.
#[derive(Clone)]
pub(crate) enum Keeping {
    /// In cookies, and nothing is shared: one instance.
    Alone,
    /// In cookies; the store holds the leases of refreshes, their results, and tombstones.
    Cookies(Arc<dyn SessionStore>),
    /// In the store, with all else that is shared.
    Store(Arc<dyn SessionStore>),
}

/// The home of a session's record.
#[derive(Clone, Debug)]
pub(crate) enum Home {
    /// Sealed, in the cookie.
    Cookie,
    /// Sealed, in a store.
    Store(Shelf),
}

/// The sessions in a store, each sealed with a key that is derived from its id.
///
/// The id is in the browser's cookie and nowhere else: whoever reads the store reads no session, also
/// with the keys that the cookies are sealed with.
#[derive(Clone)]
pub(crate) struct Shelf {
    store: Arc<dyn SessionStore>,
    client: Purpose,
    inactivity: Duration,
    clock: Clock,
}

/// What became of refreshed tokens.
#[derive(Debug)]
pub(crate) enum Saved {
    /// They are what the session has now.
    Yes,
    /// Others are, which another instance brought.
    Overtaken(Arc<TokenSet>),
    /// The session ended meanwhile.
    Ended,
}

impl Shelf {
    /// `client` is whose sessions these are: others may share the store. One that is not used for
    /// `inactivity` is dropped there, too.
    pub(crate) fn new(
        store: Arc<dyn SessionStore>,
        client: Purpose,
        inactivity: Duration,
        clock: Clock,
    ) -> Self {
        Self { store, client, inactivity, clock }
    }

    pub(crate) async fn load(&self, id: &str) -> Result<Option<SessionRecord>, StoreError> {
        let found = self.open(&self.ticket(id)).await?;
        Ok(found.map(|(record, _)| record))
    }

    /// Stores a new session, to be found by the groups that it is in.
    pub(crate) async fn insert(&self, record: &SessionRecord, groups: &[&str]) -> Result<(), StoreError> {
        let ticket = self.ticket(record.id.expose());
        let groups = Groups::new(groups, record.expires_at.since(self.clock.now()));
        let (sealed, lifetime) = (ticket.seal(&record.encode()), self.lifetime(record));
        match self.store.insert(ticket.name(), sealed, lifetime, groups).await? {
            Swap::Done(_) => Ok(()),
            // 256 random bits do not come twice: this is a store that answers what is not so.
            _ => Err(StoreError::new("the store has a record under a new name")),
        }
    }

    pub(crate) async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.store.remove(self.ticket(id).name()).await
    }

    /// Removes a session whose grant is dead, unless it has other tokens by now: those are returned.
    pub(crate) async fn remove_with(
        &self,
        id: &str,
        tokens: &TokenSet,
    ) -> Result<Option<Arc<TokenSet>>, StoreError> {
        let ticket = self.ticket(id);
        for _ in 0..TRIES {
            let Some((record, version)) = self.open(&ticket).await? else { return Ok(None) };
            if !record.token_set.is_same_grant(tokens) {
                return Ok(Some(record.token_set));
            }
            match self.store.compare_and_remove(ticket.name(), version).await? {
                Swap::Conflict => tokio::task::yield_now().await,
                Swap::Done(_) | Swap::Gone => return Ok(None),
            }
        }
        Err(restless())
    }

    /// Puts `successor` in the place of `spent`, and of nothing else.
    ///
    /// That is what fences a writer which comes too late: an instance that was suspended while it
    /// refreshed does not overwrite what another one brought meanwhile.
    pub(crate) async fn save_tokens(
        &self,
        id: &str,
        spent: &TokenSet,
        successor: &Arc<TokenSet>,
    ) -> Result<Saved, StoreError> {
        let ticket = self.ticket(id);
        for _ in 0..TRIES {
            let Some((record, version)) = self.open(&ticket).await? else { return Ok(Saved::Ended) };
            let held = &record.token_set;
            if held.is_same_grant(successor) {
                // An earlier try was done, and its answer did not come through.
                return Ok(Saved::Yes);
            }
            if !held.is_same_grant(spent) {
                return Ok(Saved::Overtaken(Arc::clone(held)));
            }
            let changed = SessionRecord { token_set: Arc::clone(successor), ..record };
            match self.swap(&ticket, version, &changed).await? {
                Swap::Done(_) => return Ok(Saved::Yes),
                Swap::Gone => return Ok(Saved::Ended),
                Swap::Conflict => tokio::task::yield_now().await,
            }
        }
        Err(restless())
    }

    /// Notes that the session was used just now; false where it is gone.
    pub(crate) async fn save_rolled(&self, rolled: &SessionRecord) -> Result<bool, StoreError> {
        let ticket = self.ticket(rolled.id.expose());
        for _ in 0..TRIES {
            let Some((record, version)) = self.open(&ticket).await? else { return Ok(false) };
            if record.rolled_at >= rolled.rolled_at {
                return Ok(true);
            }
            let changed = SessionRecord { rolled_at: rolled.rolled_at, ..record };
            match self.swap(&ticket, version, &changed).await? {
                Swap::Done(_) => return Ok(true),
                Swap::Gone => return Ok(false),
                Swap::Conflict => tokio::task::yield_now().await,
            }
        }
        Err(restless())
    }

    async fn open(&self, ticket: &Ticket) -> Result<Option<(SessionRecord, Version)>, StoreError> {
        let Some(found) = self.store.load(ticket.name()).await? else { return Ok(None) };
        // A record that does not open is not ours to delete, and nobody's session.
        let opened = ticket.open(found.bytes).ok();
        let record = opened.and_then(|opened| SessionRecord::decode(&opened).ok());
        Ok(record.map(|record| (record, found.version)))
    }

    async fn swap(
        &self,
        ticket: &Ticket,
        version: Version,
        record: &SessionRecord,
    ) -> Result<Swap, StoreError> {
        let (sealed, lifetime) = (ticket.seal(&record.encode()), self.lifetime(record));
        self.store.compare_and_swap(ticket.name(), version, sealed, lifetime).await
    }

    fn ticket(&self, id: &str) -> Ticket {
        Ticket::new(KIND, &self.client, id.as_bytes())
    }

    /// Until nobody could come back with it.
    fn lifetime(&self, record: &SessionRecord) -> Duration {
        let until = record.rolled_at.plus(self.inactivity).min(record.expires_at);
        until.since(self.clock.now()).max(SHORTEST)
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shelf(..)")
    }
}

/// Of honest writers each conflict is another's success, and none writes a session more than twice at once.
fn restless() -> StoreError {
    StoreError::new("the store says of each version that it loads that it is not the newest")
}

/// The kind of records that sessions are.
const KIND: &str = "s";
const TRIES: usize = 16;
/// A lifetime of nothing is none that a store could keep to.
const SHORTEST: Duration = Duration::from_millis(1);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
