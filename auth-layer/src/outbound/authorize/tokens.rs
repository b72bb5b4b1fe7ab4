//! Which token a request is sent with, and which instead of one that was refused.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::request::Parts;

use crate::gate::{AccessTokenRequest, Session, session};
use crate::identifier::Audience;
use crate::outbound::authorize::error::TokenError;
use crate::outbound::authorize::on_behalf_of::{Holder, holder};
use crate::outbound::authorize::passed_on::{came_in, forget};
use crate::outbound::authorize::supply::{AnySupply, TokenSupply};
use crate::token::AccessToken;

/// Where the tokens of an API come from.
#[derive(Clone)]
pub(super) enum Tokens {
    /// From the request.
    OfUser(Wanted),
    /// From a supply, whoever the user is.
    Supplied(Arc<dyn AnySupply>),
}

/// Which of the user's tokens.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Of this audience.
    pub(super) named: Option<Audience>,
    /// Of this one where none was named.
    pub(super) configured: Option<Audience>,
}

/// A token, and where another one would come from.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) token: AccessToken,
    pub(super) source: Source,
}

pub(super) enum Source {
    /// There is no other.
    Nowhere,
    Session(Session),
    Supply(Arc<dyn AnySupply>),
}

/// The head of a request that is being given its token.
pub(super) type Asking = Pin<Box<dyn Future<Output = (Parts, Result<Held, TokenError>)> + Send>>;

/// Another token on its way.
pub(super) type Replacing = Pin<Box<dyn Future<Output = Result<AccessToken, TokenError>> + Send>>;

impl Tokens {
    pub(super) fn supplied(supply: impl TokenSupply) -> Self {
        Self::Supplied(Arc::new(supply))
    }

    /// Returns the token where nobody has to be asked; an error where there can be none.
    pub(super) fn at_hand(&self, extensions: &http::Extensions) -> Result<Option<Held>, TokenError> {
        match self {
            Self::Supplied(supply) => {
                let source = || Source::Supply(Arc::clone(supply));
                Ok(supply.at_hand().map(|token| Held { token, source: source() }))
            }
            Self::OfUser(wanted) => match holder(extensions) {
                Some(Holder::Token(token)) => {
                    wanted.check(&token)?;
                    Ok(Some(Held { token, source: Source::Nowhere }))
                }
                Some(Holder::Session(session)) => {
                    let token = session.token_at_hand(&wanted.request());
                    Ok(token.map(|token| Held { token, source: Source::Session(session) }))
                }
                None if came_in(extensions) => Ok(None),
                None => Err(TokenError::no_token()),
            },
        }
    }

    /// Asks for the token.
    pub(super) fn ask(&self, mut parts: Parts) -> Asking {
        let tokens = self.clone();
        Box::pin(async move {
            let held = tokens.find(&parts).await;
            // Only now, since its session is found by its cookies.
            if let Some(context) = parts.extensions.get() {
                forget(context, &mut parts.headers);
            }
            (parts, held)
        })
    }

    async fn find(self, parts: &Parts) -> Result<Held, TokenError> {
        let wanted = match self {
            Self::Supplied(supply) => {
                let token = Arc::clone(&supply).token(None).await?;
                return Ok(Held { token, source: Source::Supply(supply) });
            }
            Self::OfUser(wanted) => wanted,
        };
        let session = match holder(&parts.extensions) {
            Some(Holder::Session(session)) => session,
            // A token was at hand; what is left is a request that came in, and is sent on.
            _ => session(parts).await?.ok_or(TokenError::no_token())?,
        };
        let token = session.access_token_with(wanted.request()).await?;
        Ok(Held { token, source: Source::Session(session) })
    }

    /// Asks for another token than the one that was refused; `None` where there is nobody to ask.
    pub(super) fn replace(&self, refused: &AccessToken, source: &Source) -> Option<Replacing> {
        let refused = refused.clone();
        match source {
            Source::Nowhere => None,
            Source::Supply(supply) => {
                let supplying = Arc::clone(supply).token(Some(refused));
                Some(Box::pin(async move { Ok(supplying.await?) }))
            }
            Source::Session(session) => {
                let session = session.clone();
                let request = match self {
                    Self::OfUser(wanted) => wanted.request().instead_of(&refused),
                    Self::Supplied(_) => return None,
                };
                Some(Box::pin(async move { Ok(session.access_token_with(request).await?) }))
            }
        }
    }
}

impl Wanted {
    fn request(&self) -> AccessTokenRequest {
        let request = AccessTokenRequest::new();
        match &self.named {
            Some(audience) => request.with_audience(audience.clone()),
            None => request,
        }
    }

    /// A token that a request brought is its sender's for this API: it is sent on only to one of an audience that was
    /// named, and never without the key that it may be bound to.
    fn check(&self, token: &AccessToken) -> Result<(), TokenError> {
        let is_for_it = match (token.as_bearer(), self.named.as_ref()) {
            (Some(bearer), Some(named)) => !bearer.is_bound() && bearer.audiences.contains(named.as_str()),
            (Some(_), None) => false,
            (None, named) => {
                let wanted = named.or(self.configured.as_ref());
                wanted.is_none_or(|wanted| token.audience() == Some(wanted.as_str()))
            }
        };
        if is_for_it { Ok(()) } else { Err(TokenError::other_audience()) }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfUser(wanted) => f.debug_tuple("OfUser").field(wanted).finish(),
            Self::Supplied(_) => f.write_str("Supplied(..)"),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nowhere => "Nowhere",
            Self::Session(_) => "Session",
            Self::Supply(_) => "Supply",
        })
    }
}
