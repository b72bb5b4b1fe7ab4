//! Where a session lives: in the browser's cookie, or in a store with its id in the cookie.

use std::fmt;
use std::sync::Arc;

use crate::session::record::SessionRecord;
use crate::session::seal::{KeyRing, Purpose};
use crate::session::store::{SessionStore, StoreError, Swap, Version};
use crate::token::TokenSet;

/// The home of a session's record.
#[derive(Clone, Debug)]
pub(crate) enum Home {
    /// Sealed, in the cookie.
    Cookie,
    /// Sealed, in a store.
    Store(Shelf),
}

/// A session store, with the keys that its records are sealed with.
#[derive(Clone)]
pub(crate) struct Shelf {
    store: Arc<dyn SessionStore>,
    ring: Arc<KeyRing>,
}

impl Shelf {
    pub(crate) fn new(store: Arc<dyn SessionStore>, ring: Arc<KeyRing>) -> Self {
        Self { store, ring }
    }

    pub(crate) async fn load(&self, id: &str) -> Result<Option<(SessionRecord, Version)>, StoreError> {
        let Some((sealed, version)) = self.store.load(id).await? else { return Ok(None) };
        // A record that does not open is not ours to delete: another application may share the store.
        let opened = self.ring.open(&purpose(id), sealed).ok();
        Ok(opened.and_then(|opened| SessionRecord::decode(&opened).ok()).map(|record| (record, version)))
    }

    pub(crate) async fn insert(&self, record: &SessionRecord) -> Result<(), StoreError> {
        self.store.insert(record.id.expose(), self.seal(record), record.expires_at).await
    }

    pub(crate) async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.store.remove(id).await
    }

    /// Replaces the tokens, unless newer ones are there; false where the session is gone.
    pub(crate) async fn save_tokens(&self, id: &str, tokens: &Arc<TokenSet>) -> Result<bool, StoreError> {
        self.update(id, |record| {
            let newer = tokens.generation > record.token_set.generation;
            newer.then(|| SessionRecord { token_set: Arc::clone(tokens), ..record.clone() })
        })
        .await
    }

    /// Notes that the session was used just now; false where it is gone.
    pub(crate) async fn save_rolled(&self, rolled: &SessionRecord) -> Result<bool, StoreError> {
        self.update(rolled.id.expose(), |record| {
            let later = rolled.rolled_at > record.rolled_at;
            later.then(|| SessionRecord { rolled_at: rolled.rolled_at, ..record.clone() })
        })
        .await
    }

    /// Compare-and-swap until it holds: a concurrent writer's change is kept, never overwritten.
    async fn update(
        &self,
        id: &str,
        change: impl Fn(&SessionRecord) -> Option<SessionRecord>,
    ) -> Result<bool, StoreError> {
        loop {
            let Some((record, version)) = self.load(id).await? else { return Ok(false) };
            let Some(changed) = change(&record) else { return Ok(true) };
            let sealed = self.seal(&changed);
            match self.store.compare_and_swap(id, version, sealed, changed.expires_at).await? {
                Swap::Done => return Ok(true),
                Swap::Gone => return Ok(false),
                Swap::Conflict => tokio::task::yield_now().await,
            }
        }
    }

    fn seal(&self, record: &SessionRecord) -> Vec<u8> {
        self.ring.seal(&purpose(record.id.expose()), &record.encode())
    }
}

/// A record is sealed for its own id: no record can be put in the place of another.
fn purpose(id: &str) -> Purpose {
    Purpose::new(&format!("store:{id}"))
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shelf(..)")
    }
}
