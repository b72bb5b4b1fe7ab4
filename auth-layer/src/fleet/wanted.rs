//! What a token is wanted for, and what is made of it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Timestamp;
use crate::token::{IssuedToken, RefreshKey};

/// A token that one flight is after.
pub(crate) trait Wanted: Sync {
    /// Why there is none.
    type Error: Send;
    /// What of it others are told.
    type Why: Serialize + DeserializeOwned + Send + Sync;

    /// Its place, derived from the secret that one asks with.
    fn key(&self) -> RefreshKey;

    /// The one that a resource server refused: another is wanted.
    fn instead_of(&self) -> Option<&IssuedToken>;

    /// How many tries before went without a token.
    fn attempt(&self) -> u32;

    /// Whether callers wait for it, as opposed to: it is renewed while another is served.
    fn is_waited_for(&self) -> bool;

    /// Whether a living token grants what is wanted.
    fn does(&self, token: &IssuedToken) -> bool;

    /// When a token is to be renewed at the latest; none where it is used to its end.
    fn renew_at(&self, token: &IssuedToken) -> Option<Timestamp>;

    /// Asks the provider.
    fn ask(&self) -> impl Future<Output = Result<Arc<IssuedToken>, Self::Error>> + Send;

    /// What others are told of an error; nothing where they find out by themselves.
    fn why(&self, error: &Self::Error) -> Option<Self::Why>;

    /// The error that another instance told of, and for how long nobody asks.
    fn told(&self, why: Self::Why, left: Duration) -> Self::Error;

    /// No answer, for so long.
    fn unavailable(&self, retry_after: Option<Duration>) -> Self::Error;

    /// How long the provider wants not to be asked.
    fn retry_after(&self, error: &Self::Error) -> Option<Duration>;
}

/// A try that brought nothing.
#[derive(Debug)]
pub(crate) struct Missed<E> {
    pub(crate) error: E,
    /// What another instance left: it lives, and was about to be renewed.
    pub(crate) living: Option<Arc<IssuedToken>>,
}

impl<E> From<E> for Missed<E> {
    fn from(error: E) -> Self {
        Self { error, living: None }
    }
}
