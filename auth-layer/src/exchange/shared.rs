//! An exchanged token as instances share it: which does, and what they tell each other of one that did not come.
//!
//! It is sealed with a key that is derived from the client's secret and from the token that was exchanged, or the
//! session's id: an instance that is shown neither of these cannot read it, nor can a caller who has the store.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::exchange::decide::renewal;
use crate::exchange::error::{ExchangeError, ExchangeErrorKind};
use crate::exchange::exchanger::Attempt;
use crate::fleet::Wanted;
use crate::token::{IssuedToken, OwnToken, RefreshKey};

/// What one flight is after, and how it asks for it.
pub(super) struct Want<A> {
    pub(super) key: RefreshKey,
    pub(super) instead_of: Option<Arc<OwnToken>>,
    pub(super) attempt: Attempt,
    /// When the token ends that is exchanged.
    pub(super) subject_ends: Option<Timestamp>,
    pub(super) buffer: Duration,
    pub(super) ask: A,
}

/// Why an instance got no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum NoToken {
    Unavailable,
    Refused(Option<String>),
    Client(Option<String>),
    OtherAudience,
}

impl<A, F> Wanted for Want<A>
where
    A: Fn() -> F + Sync,
    F: Future<Output = Result<Arc<IssuedToken>, ExchangeError>> + Send,
{
    type Error = ExchangeError;
    type Why = NoToken;

    fn key(&self) -> RefreshKey {
        self.key
    }

    fn instead_of(&self) -> Option<&IssuedToken> {
        self.instead_of.as_ref().map(|refused| &*refused.issued)
    }

    fn attempt(&self) -> u32 {
        self.attempt.before
    }

    fn is_waited_for(&self) -> bool {
        self.attempt.is_waited_for
    }

    /// What it was asked with is its place; less than that may be granted.
    fn does(&self, token: &IssuedToken) -> bool {
        // Another clock's, perhaps: the token that was exchanged is the measure here.
        self.subject_ends.is_none_or(|ends| token.expires_at <= ends)
    }

    fn renew_at(&self, token: &IssuedToken) -> Option<Timestamp> {
        renewal(token, self.subject_ends, self.buffer)
    }

    fn ask(&self) -> impl Future<Output = Result<Arc<IssuedToken>, ExchangeError>> + Send {
        (self.ask)()
    }

    fn why(&self, error: &ExchangeError) -> Option<NoToken> {
        let code = || error.code().map(str::to_owned);
        match error.kind() {
            ExchangeErrorKind::Unavailable => Some(NoToken::Unavailable),
            ExchangeErrorKind::Refused => Some(NoToken::Refused(code())),
            ExchangeErrorKind::Client => Some(NoToken::Client(code())),
            ExchangeErrorKind::OtherAudience => Some(NoToken::OtherAudience),
            // Of what this instance was given.
            _ => None,
        }
    }

    fn told(&self, why: NoToken, left: Duration) -> ExchangeError {
        let (kind, code) = match why {
            NoToken::Unavailable => (ExchangeErrorKind::Unavailable, None),
            NoToken::Refused(code) => (ExchangeErrorKind::Refused, code),
            NoToken::Client(code) => (ExchangeErrorKind::Client, code),
            NoToken::OtherAudience => (ExchangeErrorKind::OtherAudience, None),
        };
        ExchangeError::new(kind).with_code(code).with_retry_after(Some(left))
    }

    fn unavailable(&self, retry_after: Option<Duration>) -> ExchangeError {
        ExchangeError::new(ExchangeErrorKind::Unavailable).with_retry_after(retry_after)
    }

    fn retry_after(&self, error: &ExchangeError) -> Option<Duration> {
        error.retry_after()
    }
}
