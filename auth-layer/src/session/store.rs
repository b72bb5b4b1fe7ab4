//! The contract of a session store; the rules are those of [`SessionStore`].

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// What a store's methods return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A version of a record, given by the store; a later one of the same name is higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64);

/// A record as it was loaded.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// What was stored.
    pub bytes: Vec<u8>,
    /// The version that these bytes are.
    pub version: Version,
}

impl Record {
    /// Returns a record of this version.
    #[must_use]
    pub const fn new(bytes: Vec<u8>, version: Version) -> Self {
        Self { bytes, version }
    }
}

/// Shows how long it is, and nothing that is in it.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} bytes, {:?})", self.bytes.len(), self.version)
    }
}

/// The groups that a new record is in, and for how long it may be found by them.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Groups<'a> {
    /// Their names.
    pub names: &'a [&'a str],
    /// The longest that the record may live, however often its lifetime is made longer.
    pub lifetime: Duration,
}

impl<'a> Groups<'a> {
    /// Returns these groups; the record may be found by them for `lifetime`.
    #[must_use]
    pub const fn new(names: &'a [&'a str], lifetime: Duration) -> Self {
        Self { names, lifetime }
    }

    /// Returns no group.
    #[must_use]
    pub const fn none() -> Self {
        Self { names: &[], lifetime: Duration::ZERO }
    }
}

/// What became of a write that depends on what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Swap {
    /// It was done; the version is that of the new record, or of the one that was removed.
    Done(Version),
    /// Another writer was there first: load again.
    Conflict,
    /// The record is gone.
    Gone,
}

/// Among whom a store decides who was first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Among the tasks of one process.
    Process,
    /// Among all instances that use the store.
    Fleet,
}

/// What a store promises beyond keeping records for their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Promises {
    swaps: Reach,
    groups: bool,
}

impl Promises {
    /// Promises all of the contract to everyone within `reach`.
    pub const fn all(reach: Reach) -> Self {
        Self { swaps: reach, groups: true }
    }

    /// Takes the promise of groups back: [`SessionStore::remove_group`] removes nothing.
    ///
    /// The sessions of a user are then ended by a note that each request looks for, which costs one
    /// [`SessionStore::load_all`] more.
    pub const fn without_groups(self) -> Self {
        Self { groups: false, ..self }
    }

    /// Returns among whom it is decided who was first.
    #[must_use]
    pub const fn swaps(self) -> Reach {
        self.swaps
    }

    /// Returns whether records can be removed by their groups.
    #[must_use]
    pub const fn groups(self) -> bool {
        self.groups
    }
}

/// Keeps what instances share: sealed sessions, leases of refreshes, and notes of sessions that ended.
///
/// `testing::store_contract` is the suite that holds a store to its contract.
///
/// # Contract
/// 1. A record is opaque bytes under a name, with a [`Version`] that the store gives it and a lifetime.
/// 2. [`Self::insert`] takes a name that is free: of two that insert it, one gets [`Swap::Conflict`].
/// 3. [`Self::compare_and_swap`] and [`Self::compare_and_remove`] act only on the version
///    that was loaded: of two writers that loaded the same one, one gets [`Swap::Conflict`].
/// 4. A version of a name never comes again, also after its record was removed or has expired. So it is
///    the fencing number of a lease: who holds an older one changes nothing.
/// 5. After [`Self::remove`] has returned, no compare-and-swap brings the record back.
/// 6. An expired record is as good as removed. The store's own clock measures lifetimes.
/// 7. A record may be in groups, such as all sessions of a user: [`Self::remove_group`] removes
///    those that were in it when it began.
/// 8. A store that cannot answer says so ([`StoreError`]): that is never `None` and never a conflict.
/// 9. What is not of this store, under one of its names, is never returned, changed or removed: it is
///    `None` to a load, and a conflict to whoever would write there.
///
/// What a store cannot promise it says in its [`Promises`].
///
/// # Limits
/// Names and groups: 1 to 64 characters of `A-Z a-z 0-9 - _ :`. Records: 64 KiB, of which most are
/// under 6 KiB. Lifetimes: 1 millisecond to 400 days.
///
/// # Cancellation
/// Every future may be dropped; a write may then have happened or not, but never half. Futures that
/// take longer than a second are dropped, and count as no answer.
pub trait SessionStore: Send + Sync + 'static {
    /// Returns what the store promises.
    fn promises(&self) -> Promises;

    /// Returns the record of a name.
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>>;

    /// Returns the records of several names, in their order, in one round trip where the store can.
    ///
    /// By default they are loaded one after another.
    fn load_all<'a>(&'a self, names: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Record>>> {
        Box::pin(async move {
            let mut records = Vec::with_capacity(names.len());
            for name in names {
                records.push(self.load(name).await?);
            }
            Ok(records)
        })
    }

    /// Stores a record under a name that is free: [`Swap::Done`] or [`Swap::Conflict`].
    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap>;

    /// Replaces the record if its version is still `expected`; its groups stay.
    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap>;

    /// Removes the record if its version is still `expected`.
    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap>;

    /// Removes the record, if it is there.
    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()>;

    /// Removes every record that is in a group, and returns how many those were.
    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64>;
}

/// The store gave no answer.
#[derive(Debug)]
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    /// Wraps the error of a store's client; its message must hold no record and no credentials.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the session store gave no answer: check that it runs and can be reached")
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
