//! Why no access token could be had.

use std::fmt;
use std::time::Duration;

/// Why no access token could be had for a session.
///
/// Holds no token and no answer of the provider's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshError {
    kind: RefreshErrorKind,
    retry_after: Option<Duration>,
}

/// The kinds of [`RefreshError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshErrorKind {
    /// The provider said `invalid_grant`: the grant is dead and the session with it.
    InvalidGrant,
    /// The session's token expired and there is no refresh token: was `offline_access` asked for?
    Expired,
    /// The session lives, and has no refresh token to get this token with: one of another audience,
    /// or a new one by force.
    NoRefreshToken,
    /// The provider gave no final answer: down, slow, 5xx or 429.
    Unavailable,
    /// The provider refused this request but not the grant: an audience or a scope it does not know.
    Refused,
}

impl RefreshError {
    pub(crate) const fn new(kind: RefreshErrorKind) -> Self {
        Self { kind, retry_after: None }
    }

    pub(crate) const fn unavailable(retry_after: Duration) -> Self {
        Self { kind: RefreshErrorKind::Unavailable, retry_after: Some(retry_after) }
    }

    /// No answer; the provider may have said when to ask again.
    pub(crate) const fn unavailable_after(retry_after: Option<Duration>) -> Self {
        Self { kind: RefreshErrorKind::Unavailable, retry_after }
    }

    /// Returns what went wrong.
    #[must_use]
    pub const fn kind(&self) -> RefreshErrorKind {
        self.kind
    }

    /// Returns whether the grant is dead, as opposed to: no answer.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self.kind, RefreshErrorKind::InvalidGrant | RefreshErrorKind::Expired)
    }

    /// Returns how long nothing will be asked of the provider for this session.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            RefreshErrorKind::InvalidGrant => "the provider ended the grant: log in again",
            RefreshErrorKind::Expired => {
                "the access token expired and there is no refresh token: log in again, or ask for the scope offline_access"
            }
            RefreshErrorKind::NoRefreshToken => {
                "the session has no refresh token to get this access token with: ask for the scope offline_access, or for this audience at login"
            }
            RefreshErrorKind::Unavailable => "the provider gave no answer: try again later",
            RefreshErrorKind::Refused => {
                "the provider refused this audience or scope: check that the client may ask for it"
            }
        })
    }
}

impl std::error::Error for RefreshError {}
