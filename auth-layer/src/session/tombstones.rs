//! Tombstones: which sessions ended, for all instances that share a store.
//!
//! # Rules
//! 1. A session is over when it was logged out, or when the provider said so of its `sid` or of its user
//!    and the session's id token is not newer than that word.
//! 2. A tombstone stays until no session of its name could live anyway.
//! 3. Sessions in a store that keeps groups are removed there, which is their end. All others are looked
//!    up: one round trip, and none for the next half second.
//! 4. Names are hashes: neither a user nor a session can be read from the store.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::sync::Cache;
use serde_json::json;

use crate::clock::{Clock, Moment, Timestamp};
use crate::identifier::{ClientId, Issuer, Subject};
use crate::secret::SecretText;
use crate::session::ended_sessions::EndedSessions;
use crate::session::record::SessionRecord;
use crate::session::store::{Groups, SessionStore, StoreError, Swap};

/// Which sessions of a client ended; its copies share what they know.
#[derive(Clone)]
pub(crate) struct Tombstones(Arc<Inner>);

struct Inner {
    issuer: Issuer,
    client: ClientId,
    here: EndedSessions,
    /// Whether a `sid` or a user was ever named: until then their names need not be computed.
    names_groups: AtomicBool,
    shared: Option<Shared>,
    lifetime: Duration,
    clock: Clock,
}

struct Shared {
    store: Arc<dyn SessionStore>,
    asks: Asks,
    /// Which sessions were found alive a moment ago.
    alive: Cache<Arc<str>, ()>,
}

/// When the tombstones in a store are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// At each request: nothing else tells that the session is over.
    EachRequest,
    /// At login only: the store removes the sessions of a group by itself.
    AtLogin,
}

/// The groups that a session is in.
#[derive(Debug)]
pub(crate) struct GroupNames {
    user: String,
    /// Of the `sid`; of the user's sessions without one, where the id token named none.
    session: String,
}

impl GroupNames {
    pub(crate) fn names(&self) -> Vec<&str> {
        vec![&self.user, &self.session]
    }
}

impl Tombstones {
    /// `lifetime` is the longest that a session lives.
    pub(crate) fn new(
        issuer: Issuer,
        client: ClientId,
        lifetime: Duration,
        clock: Clock,
        shared: Option<(Arc<dyn SessionStore>, Asks)>,
    ) -> Self {
        let shared = shared.map(|(store, asks)| Shared {
            store,
            asks,
            alive: Cache::builder().max_capacity(MAX_ALIVE).time_to_live(BELIEVED).build(),
        });
        let here = EndedSessions::new(lifetime);
        let names_groups = AtomicBool::new(false);
        Self(Arc::new(Inner { issuer, client, here, names_groups, shared, lifetime, clock }))
    }

    /// The groups of a session, to be removed by.
    pub(crate) fn groups(&self, record: &SessionRecord) -> GroupNames {
        let subject = record.user.subject_text();
        let session = match &record.sid {
            Some(sid) => self.name("p", sid.expose()),
            None => self.name("n", subject),
        };
        GroupNames { user: self.name("u", subject), session }
    }

    /// Ends a session in this process: from here on nothing of it is saved.
    pub(crate) fn end_here(&self, id: &SecretText, until: Timestamp) {
        self.0.here.insert(id.expose(), ALL, until);
    }

    /// Whether this process knows that a session is over.
    pub(crate) fn has_ended_here(&self, id: &SecretText) -> bool {
        self.0.here.contains(id.expose(), Timestamp::default(), self.0.clock.now())
    }

    /// Ends a session everywhere, where sessions are looked up; it could not have lived beyond `until`.
    ///
    /// # Errors
    /// The store gives no answer: in this process the session is over all the same.
    pub(crate) async fn end(&self, id: &SecretText, until: Timestamp) -> Result<(), StoreError> {
        self.end_here(id, until);
        let now = self.0.clock.now();
        match &self.0.shared {
            Some(shared) if shared.asks == Asks::EachRequest => {
                shared.bury(&self.name("e", id.expose()), ALL, until.since(now)).await
            }
            _ => Ok(()),
        }
    }

    /// Ends the sessions that the provider calls `sid` and whose id tokens were issued up to a moment.
    ///
    /// # Errors
    /// As [`Tombstones::end`].
    pub(crate) async fn end_sid(&self, sid: &str, up_to: Timestamp) -> Result<(), StoreError> {
        self.end_group(&self.name("p", sid), up_to).await
    }

    /// Ends those of a user's sessions of which nobody knows the `sid`, and whose id tokens were issued up
    /// to a moment.
    ///
    /// # Errors
    /// As [`Tombstones::end`].
    pub(crate) async fn end_without_sid(
        &self,
        subject: &Subject,
        up_to: Timestamp,
    ) -> Result<(), StoreError> {
        self.end_group(&self.name("n", subject.as_str()), up_to).await
    }

    /// Ends the sessions of a user whose id tokens were issued up to a moment.
    ///
    /// # Errors
    /// As [`Tombstones::end`].
    pub(crate) async fn end_subject(&self, subject: &Subject, up_to: Timestamp) -> Result<(), StoreError> {
        self.end_group(&self.name("u", subject.as_str()), up_to).await
    }

    async fn end_group(&self, name: &str, up_to: Timestamp) -> Result<(), StoreError> {
        self.0.here.insert(name, up_to, self.0.clock.now().plus(self.0.lifetime));
        self.0.names_groups.store(true, Ordering::Release);
        let Some(shared) = &self.0.shared else { return Ok(()) };
        // First the note, for logins under way: one that is saved from here on finds it.
        shared.bury(name, up_to, self.0.lifetime).await?;
        if shared.store.promises().groups() {
            shared.store.remove_group(name).await?;
        }
        Ok(())
    }

    /// Whether a session that a request brings is over.
    ///
    /// # Errors
    /// The store gives no answer, so that nobody knows.
    pub(crate) async fn has_ended(&self, record: &SessionRecord) -> Result<bool, StoreError> {
        if self.is_known_here(record) {
            return Ok(true);
        }
        match &self.0.shared {
            Some(shared) if shared.asks == Asks::EachRequest => {
                if shared.alive.contains_key(record.id.expose()) {
                    return Ok(false);
                }
                self.look(shared, record).await
            }
            _ => Ok(false),
        }
    }

    /// Whether a session is over, without believing what was seen a moment ago: for what saves a session
    /// while its logout may be under way.
    ///
    /// # Errors
    /// As [`Tombstones::has_ended`].
    pub(crate) async fn has_ended_by_now(&self, record: &SessionRecord) -> Result<bool, StoreError> {
        match &self.0.shared {
            Some(shared) if !self.is_known_here(record) => self.look(shared, record).await,
            _ => Ok(self.is_known_here(record)),
        }
    }

    /// Whether this process knows that a session is over, by whatever name.
    pub(crate) fn is_known_here(&self, record: &SessionRecord) -> bool {
        if self.has_ended_here(&record.id) {
            return true;
        }
        // Almost no process is ever told of a user or a sid: the hashes are not computed for nothing.
        if !self.0.names_groups.load(Ordering::Acquire) {
            return false;
        }
        let (groups, now) = (self.groups(record), self.0.clock.now());
        groups.names().iter().any(|name| self.0.here.contains(name, record.issued_at, now))
    }

    async fn look(&self, shared: &Shared, record: &SessionRecord) -> Result<bool, StoreError> {
        let id = record.id.expose();
        let (own, groups) = (self.name("e", id), self.groups(record));
        let mut names = groups.names();
        names.push(&own);
        let asked = Moment::now();
        let found = shared.store.load_all(&names).await?;
        let is_over = |up_to: Timestamp| record.issued_at <= up_to;
        let buried = found.iter().flatten().any(|note| read(&note.bytes).is_none_or(is_over));
        if buried {
            self.end_here(&record.id, record.expires_at);
        } else if asked.elapsed() < BELIEVED {
            // An answer that took longer may be as old as that already.
            shared.alive.insert(Arc::from(id), ());
        }
        Ok(buried)
    }

    /// A name for the store: a hash of what it names, of this client at this issuer.
    fn name(&self, kind: &str, value: &str) -> String {
        // JSON, so that no two lists read alike.
        let named = json!([kind, self.0.issuer.as_str(), self.0.client.as_str(), value]).to_string();
        let hash = digest(&SHA256, named.as_bytes());
        format!("{kind}:{}", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..NAME_BYTES]))
    }
}

impl Shared {
    /// Writes a tombstone; a later moment replaces an earlier one.
    async fn bury(&self, name: &str, up_to: Timestamp, lifetime: Duration) -> Result<(), StoreError> {
        let bytes = up_to.unix_millis().to_be_bytes().to_vec();
        let lifetime = lifetime.max(SHORTEST);
        for _ in 0..TRIES {
            if matches!(
                self.store.insert(name, bytes.clone(), lifetime, Groups::none()).await?,
                Swap::Done(_)
            ) {
                return Ok(());
            }
            let Some(found) = self.store.load(name).await? else {
                tokio::time::sleep(AGAIN).await;
                continue;
            };
            if read(&found.bytes).is_none_or(|there| there >= up_to) {
                return Ok(());
            }
            match self.store.compare_and_swap(name, found.version, bytes.clone(), lifetime).await? {
                Swap::Done(_) => return Ok(()),
                Swap::Conflict | Swap::Gone => {}
            }
        }
        Err(StoreError::new("a tombstone could not be written: what is under its name is not ours"))
    }
}

/// Up to when sessions are over; what is no moment ends them all.
fn read(bytes: &[u8]) -> Option<Timestamp> {
    Some(Timestamp::from_unix_millis(u64::from_be_bytes(bytes.try_into().ok()?)))
}

impl fmt::Debug for Tombstones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tombstones(..)")
    }
}

/// Sessions whenever they began.
const ALL: Timestamp = Timestamp::from_unix_millis(u64::MAX);
/// How long a session that was alive is believed to be: within a second it is looked for again.
const BELIEVED: Duration = Duration::from_millis(500);
const MAX_ALIVE: u64 = 100_000;
const NAME_BYTES: usize = 24;
const TRIES: usize = 16;
const SHORTEST: Duration = Duration::from_millis(1);
const AGAIN: Duration = Duration::from_millis(10);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
