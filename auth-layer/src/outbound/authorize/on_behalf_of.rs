//! On whose behalf a request is sent.

use http::{Extensions, Request, request};

use crate::gate::Session;
use crate::token::AccessToken;

/// Whose token a request is to be sent with: a session's, or one that a handler has.
///
/// Made from a `&Session` or an `&AccessToken`, whatever its handler required.
#[derive(Clone, Debug)]
pub struct Behalf(Holder);

#[derive(Clone, Debug)]
pub(super) enum Holder {
    /// Its token is refreshed when that is needed.
    Session(Session),
    /// As it is.
    Token(AccessToken),
}

impl From<&Session> for Behalf {
    fn from(session: &Session) -> Self {
        Self(Holder::Session(session.clone()))
    }
}

impl<P> From<&AccessToken<P>> for Behalf {
    fn from(token: &AccessToken<P>) -> Self {
        Self(Holder::Token(token.clone().into_any()))
    }
}

/// Says on whose behalf a request is sent through [`Authorize`](super::Authorize).
///
/// It is among the request's extensions from then on, and never in what is sent.
pub trait OnBehalfOf: Sized {
    /// Sends the request with a token of this session, refreshed when that is needed, or with this token.
    #[must_use]
    fn on_behalf_of(self, whom: impl Into<Behalf>) -> Self;
}

impl<B> OnBehalfOf for Request<B> {
    fn on_behalf_of(mut self, whom: impl Into<Behalf>) -> Self {
        self.extensions_mut().insert(whom.into());
        self
    }
}

impl OnBehalfOf for request::Builder {
    fn on_behalf_of(self, whom: impl Into<Behalf>) -> Self {
        self.extension(whom.into())
    }
}

#[cfg(feature = "tonic")]
impl<T> OnBehalfOf for tonic::Request<T> {
    fn on_behalf_of(mut self, whom: impl Into<Behalf>) -> Self {
        self.extensions_mut().insert(whom.into());
        self
    }
}

/// Who was named, or was put there by the layer for every request.
pub(super) fn holder(extensions: &Extensions) -> Option<Holder> {
    if let Some(Behalf(holder)) = extensions.get() {
        return Some(holder.clone());
    }
    let session = extensions.get::<Session>().cloned().map(Holder::Session);
    session.or_else(|| extensions.get::<AccessToken>().cloned().map(Holder::Token))
}
