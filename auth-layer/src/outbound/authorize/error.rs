//! Why a request was not sent, or not answered.

use std::error::Error;
use std::fmt;

use crate::gate::{Rejection, RejectionKind};
use crate::outbound::authorize::supply::TokenSupplyError;
use crate::refresh::RefreshError;

/// Why a request through [`Authorize`](super::Authorize) has no answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuthorizeError<E> {
    /// There was no token for it: nothing was sent.
    Token(TokenError),
    /// The error of the service inside, as it is.
    Service(E),
}

/// Why there was no token for a request.
#[derive(Clone, Debug)]
pub struct TokenError(Reason);

/// The kinds of [`AuthorizeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorizeErrorKind {
    /// Nobody said on whose behalf the request is sent, or nobody is logged in.
    NoToken,
    /// The token at hand is for another audience, or can only be sent by whoever has its key.
    OtherAudience,
    /// A request that is forwarded does not pass the gate: another site sent it, or the store is away.
    Rejected,
    /// The session's token could not be refreshed, or the supply has none. Whether for good says
    /// [`TokenError::is_final`].
    Unavailable,
    /// The service inside failed.
    Service,
}

#[derive(Clone, Debug)]
enum Reason {
    NoToken,
    OtherAudience,
    Rejected(Rejection),
    Refresh(RefreshError),
    Supply(TokenSupplyError),
}

impl<E> AuthorizeError<E> {
    /// Returns what went wrong.
    #[must_use]
    pub const fn kind(&self) -> AuthorizeErrorKind {
        match self {
            Self::Token(error) => error.kind(),
            Self::Service(_) => AuthorizeErrorKind::Service,
        }
    }
}

impl TokenError {
    pub(in crate::outbound) const fn no_token() -> Self {
        Self(Reason::NoToken)
    }

    pub(in crate::outbound) const fn other_audience() -> Self {
        Self(Reason::OtherAudience)
    }

    /// As the gate refuses whoever's token it would have been.
    pub(in crate::outbound) fn into_rejection(self) -> Rejection {
        match self.0 {
            Reason::NoToken => Rejection::new(RejectionKind::Unauthenticated),
            Reason::OtherAudience => Rejection::new(RejectionKind::AudienceRefused),
            Reason::Rejected(rejection) => rejection,
            Reason::Refresh(error) => error.into(),
            Reason::Supply(_) => Rejection::unavailable(None),
        }
    }

    /// Returns what went wrong.
    #[must_use]
    pub const fn kind(&self) -> AuthorizeErrorKind {
        match self.0 {
            Reason::NoToken => AuthorizeErrorKind::NoToken,
            Reason::OtherAudience => AuthorizeErrorKind::OtherAudience,
            Reason::Rejected(_) => AuthorizeErrorKind::Rejected,
            Reason::Refresh(_) | Reason::Supply(_) => AuthorizeErrorKind::Unavailable,
        }
    }

    /// Returns whether another try is of no use: of a session, that it is over.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match &self.0 {
            Reason::NoToken | Reason::OtherAudience | Reason::Rejected(_) => true,
            Reason::Refresh(error) => error.is_final(),
            Reason::Supply(error) => error.is_final(),
        }
    }
}

impl From<Rejection> for TokenError {
    fn from(rejection: Rejection) -> Self {
        Self(Reason::Rejected(rejection))
    }
}

impl From<RefreshError> for TokenError {
    fn from(error: RefreshError) -> Self {
        Self(Reason::Refresh(error))
    }
}

impl From<TokenSupplyError> for TokenError {
    fn from(error: TokenSupplyError) -> Self {
        Self(Reason::Supply(error))
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Reason::NoToken => {
                "there is no token for this request: say `.on_behalf_of(&session)` or `.on_behalf_of(&token)`, or give the layer a supply of tokens"
            }
            Reason::OtherAudience => {
                "the token at hand is not for this API: ask the session for one, or name the audience with `with_audience`"
            }
            Reason::Rejected(_) => "the request that is forwarded does not pass: see the source of this error",
            Reason::Refresh(_) => "there is no token of the session's for this request: see the source of this error",
            Reason::Supply(_) => "there is no token of the supply's for this request: see the source of this error",
        })
    }
}

impl Error for TokenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Reason::NoToken | Reason::OtherAudience => None,
            Reason::Rejected(rejection) => Some(rejection),
            Reason::Refresh(error) => Some(error),
            Reason::Supply(error) => Some(error),
        }
    }
}

impl<E: fmt::Display> fmt::Display for AuthorizeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::Service(error) => error.fmt(f),
        }
    }
}

/// Transparent: the source is that of the error which it holds.
impl<E: Error> Error for AuthorizeError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Token(error) => error.source(),
            Self::Service(error) => error.source(),
        }
    }
}
