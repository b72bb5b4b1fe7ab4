//! Records in any store of tower-sessions (`tower_sessions_core::SessionStore`), for one instance.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::Mutex;
use tower_sessions_core::session::{Id, Record as Theirs};
use tower_sessions_core::session_store::Error as TheirError;

use crate::clock::{Clock, Timestamp};
use crate::session::store::{
    Groups, Promises, Reach, Record, SessionStore, StoreError, StoreFuture, Swap, Version,
};

/// A session store over one of tower-sessions; its copies share it.
///
/// Those stores can save, load and delete, and compare nothing. So this one decides who was first by
/// itself: writers of one name take turns within the process.
/// It promises the contract to the tasks of **one instance**, without groups.
///
/// # What goes wrong with several instances
/// Two of them that load the same version both save, and both are told that it was done; the later
/// one stays. Of their sessions that means:
/// - a refresh token may be spent twice: providers that detect reuse then end the session for good;
/// - a session that was logged out by one comes back where the other saves it at that moment;
/// - who holds the lease of a refresh is decided for each instance, and not among them.
///
/// Let a load balancer pin each session to one instance, or use a store that compares and swaps.
/// Deploying a new version by overlapping the old one makes two instances for so long.
///
/// # Limits
/// - It should have a table, or a prefix, of its own. Otherwise whoever learns the name of a record can
///   present it as a cookie of tower-sessions. Records of others are never returned, changed or removed.
/// - A write that was begun is done to its end, also where its future is dropped; writers of the same
///   name wait for it. How long that takes at most is up to the store: set its time limits.
/// - Lifetimes are measured by this machine's clock, and versions are drawn from it: where it is set
///   back by more than the time between a removal and a restart, a version may come again.
/// - Expired records are removed by the store's own means, if it has any.
#[derive(Clone)]
pub struct TowerSessionsStore(Arc<Inner>);

struct Inner {
    store: Box<dyn tower_sessions_core::SessionStore>,
    turns: Vec<Arc<Mutex<()>>>,
    last_version: AtomicU64,
    clock: Clock,
}

/// What is under the id of a name.
enum Found {
    Nothing,
    /// Ours, and alive.
    Ours(Record),
    /// Somebody else's, or another name with the same id.
    Foreign,
}

impl TowerSessionsStore {
    /// Returns a store over one of tower-sessions.
    #[must_use]
    pub fn new(store: impl tower_sessions_core::SessionStore) -> Self {
        Self::with_clock(store, Clock::system())
    }

    fn with_clock(store: impl tower_sessions_core::SessionStore, clock: Clock) -> Self {
        let turns = (0..TURNS).map(|_| Arc::default()).collect();
        Self(Arc::new(Inner { store: Box::new(store), turns, last_version: AtomicU64::new(0), clock }))
    }

    /// Acts when it is the name's turn, in a task of its own.
    ///
    /// A future that was dropped while the store saves would end the turn before the save is over: it
    /// could then overtake the one of the next writer.
    fn in_turn<'a, T, F>(
        &'a self,
        name: &'a str,
        act: impl FnOnce(Arc<Inner>, String) -> F + Send + 'a,
    ) -> StoreFuture<'a, T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        Box::pin(async move {
            let turn = Arc::clone(&self.0.turns[id_of(name).0.unsigned_abs() as usize % TURNS]);
            let turn = turn.lock_owned().await;
            let acting = act(Arc::clone(&self.0), name.to_owned());
            let task = tokio::spawn(async move {
                let answer = acting.await;
                drop(turn);
                answer
            });
            task.await.unwrap_or_else(|_| Err(StoreError::new("the store of tower-sessions panicked")))
        })
    }
}

impl Inner {
    async fn find(&self, name: &str) -> Result<Found, StoreError> {
        let Some(theirs) = self.store.load(&id_of(name)).await.map_err(of_theirs)? else {
            return Ok(Found::Nothing);
        };
        Ok(match unpack(&theirs, name) {
            None => Found::Foreign,
            Some((_, expires_at)) if self.clock.now() >= expires_at => Found::Nothing,
            Some((record, _)) => Found::Ours(record),
        })
    }

    /// A version that is later than all before, also than those before the last restart.
    fn next_version(&self, after: Option<Version>) -> Version {
        let least = after.map_or(0, |version| version.0 + 1).max(self.clock.now().unix_millis() << 12);
        let next = |last: u64| Some(least.max(last + 1));
        let last = self.last_version.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        Version(least.max(last.unwrap_or_default() + 1))
    }

    fn pack(&self, name: &str, record: &[u8], version: Version, lifetime: Duration) -> Theirs {
        let expires_at = self.clock.now().plus(lifetime);
        // Some stores count in seconds: for them it ends a little later, and for us at its moment.
        let seconds = i64::try_from(expires_at.unix_millis().div_ceil(1_000)).unwrap_or(i64::MAX);
        let expiry_date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        // Numbers as text: not every format that stores use has whole numbers of 64 bits.
        let ours = json!({
            "name": name,
            "version": version.0.to_string(),
            "expires_at": expires_at.unix_millis().to_string(),
            "record": STANDARD.encode(record),
        });
        Theirs { id: id_of(name), data: [(KEY.to_owned(), ours)].into(), expiry_date }
    }

    /// Creates under exactly this id; false where it is taken.
    async fn create(&self, wanted: &Theirs) -> Result<bool, StoreError> {
        let mut created = wanted.clone();
        self.store.create(&mut created).await.map_err(of_theirs)?;
        if created.id == wanted.id {
            return Ok(true);
        }
        // The store chose another id, under which nobody would look for it.
        self.store.delete(&created.id).await.map_err(of_theirs)?;
        Ok(false)
    }

    async fn insert(&self, name: &str, record: &[u8], lifetime: Duration) -> Result<Swap, StoreError> {
        let theirs = self.store.load(&id_of(name)).await.map_err(of_theirs)?;
        let version = self.next_version(None);
        let packed = self.pack(name, record, version, lifetime);
        match theirs.map(|theirs| unpack(&theirs, name)) {
            // Ours that has expired, and that the store still has: its place is taken over.
            Some(Some((_, expires_at))) if self.clock.now() >= expires_at => {
                self.store.save(&packed).await.map_err(of_theirs)?;
            }
            Some(_) => return Ok(Swap::Conflict),
            None if self.create(&packed).await? => {}
            None => {
                // Taken, and not to be loaded: what has expired and was not yet removed. Or else somebody
                // was faster, from outside of this process.
                if self.store.load(&packed.id).await.map_err(of_theirs)?.is_some() {
                    return Ok(Swap::Conflict);
                }
                self.store.delete(&packed.id).await.map_err(of_theirs)?;
                if !self.create(&packed).await? {
                    return Ok(Swap::Conflict);
                }
            }
        }
        Ok(Swap::Done(version))
    }

    async fn swap(
        &self,
        name: &str,
        expected: Version,
        record: &[u8],
        lifetime: Duration,
    ) -> Result<Swap, StoreError> {
        match self.find(name).await? {
            Found::Nothing => Ok(Swap::Gone),
            Found::Ours(found) if found.version == expected => {
                let version = self.next_version(Some(expected));
                self.store.save(&self.pack(name, record, version, lifetime)).await.map_err(of_theirs)?;
                Ok(Swap::Done(version))
            }
            Found::Ours(_) | Found::Foreign => Ok(Swap::Conflict),
        }
    }

    async fn remove(&self, name: &str, expected: Option<Version>) -> Result<Swap, StoreError> {
        match self.find(name).await? {
            Found::Nothing => Ok(Swap::Gone),
            Found::Ours(found) if expected.is_none_or(|expected| found.version == expected) => {
                self.store.delete(&id_of(name)).await.map_err(of_theirs)?;
                Ok(Swap::Done(found.version))
            }
            Found::Ours(_) | Found::Foreign => Ok(Swap::Conflict),
        }
    }
}

impl SessionStore for TowerSessionsStore {
    fn promises(&self) -> Promises {
        Promises::all(Reach::Process).without_groups()
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move {
            Ok(match self.0.find(name).await? {
                Found::Ours(record) => Some(record),
                Found::Nothing | Found::Foreign => None,
            })
        })
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        _: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        self.in_turn(name, move |inner, name| async move { inner.insert(&name, &record, lifetime).await })
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        self.in_turn(
            name,
            move |inner, name| async move { inner.swap(&name, expected, &record, lifetime).await },
        )
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        self.in_turn(name, move |inner, name| async move { inner.remove(&name, Some(expected)).await })
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.in_turn(name, |inner, name| async move { inner.remove(&name, None).await.map(drop) })
    }

    fn remove_group<'a>(&'a self, _: &'a str) -> StoreFuture<'a, u64> {
        Box::pin(std::future::ready(Ok(0)))
    }
}

/// The first 128 bits of a hash of the name: their ids are no longer than that.
fn id_of(name: &str) -> Id {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(&SHA256, name.as_bytes()).as_ref()[..16]);
    Id(i128::from_be_bytes(bytes))
}

/// The record of this name, if that is what it is.
fn unpack(theirs: &Theirs, name: &str) -> Option<(Record, Timestamp)> {
    let ours = theirs.data.get(KEY)?;
    let text = |key: &str| ours.get(key).and_then(Value::as_str);
    if text("name")? != name {
        return None;
    }
    let version = Version(text("version")?.parse().ok()?);
    let expires_at = Timestamp::from_unix_millis(text("expires_at")?.parse().ok()?);
    Some((Record::new(STANDARD.decode(text("record")?).ok()?, version), expires_at))
}

/// What they say of their encoding may quote what was encoded.
#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn of_theirs(error: TheirError) -> StoreError {
    match error {
        TheirError::Encode(_) => StoreError::new("the store of tower-sessions cannot encode a record"),
        TheirError::Decode(_) => StoreError::new("the store of tower-sessions cannot decode a record"),
        TheirError::Backend(why) => StoreError::new(why),
    }
}

impl fmt::Debug for TowerSessionsStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TowerSessionsStore(..)")
    }
}

/// How many names may be written at the same time; others wait for their turn.
const TURNS: usize = 256;
/// The key of ours in the data of a record.
const KEY: &str = "auth-layer";

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
