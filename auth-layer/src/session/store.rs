//! The contract of a session store.
//!
//! # Rules
//! 1. A record is opaque bytes under an id, with a version that the store gives it and an expiry.
//! 2. [`SessionStore::compare_and_swap`] replaces a record only if its version is still the one that
//!    was loaded; of two writers that loaded the same version, one gets [`Swap::Conflict`].
//! 3. After [`SessionStore::remove`] has returned, no compare-and-swap brings the record back.
//! 4. An expired record is not returned. A store that cannot answer says so: that is never `None`.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::clock::Timestamp;

/// What a store's methods return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A version of a record, given by the store and compared only for equality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);

/// What became of a [`SessionStore::compare_and_swap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Swap {
    /// The record was replaced.
    Done,
    /// Another writer was there first: load again.
    Conflict,
    /// The record is gone: the session ended.
    Gone,
}

/// Keeps sealed session records; see the module docs of `session::store` for the contract.
///
/// # Cancellation
/// Every future may be dropped; a write may then have happened or not, but never half.
pub trait SessionStore: Send + Sync + 'static {
    /// Returns the record and its version.
    fn load<'a>(&'a self, id: &'a str) -> StoreFuture<'a, Option<(Vec<u8>, Version)>>;

    /// Stores a new record under a new id.
    fn insert<'a>(&'a self, id: &'a str, record: Vec<u8>, expires_at: Timestamp) -> StoreFuture<'a, ()>;

    /// Replaces the record if its version is still `expected`.
    fn compare_and_swap<'a>(
        &'a self,
        id: &'a str,
        expected: Version,
        record: Vec<u8>,
        expires_at: Timestamp,
    ) -> StoreFuture<'a, Swap>;

    /// Removes the record, if it is there.
    fn remove<'a>(&'a self, id: &'a str) -> StoreFuture<'a, ()>;
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
