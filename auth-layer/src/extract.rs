//! Extractors for axum: `AccessToken`, `Session`, `User`, and each as `Option`.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::gate::{
    Authenticating, Rejection, RejectionKind, Session, authenticate, no_session, session, unauthenticated,
    user,
};
use crate::token::{AccessToken, NoRequirement, Requirement, User, rule_of};

/// Proof of authentication for handlers that name no token; `#[require_auth]` puts it first.
#[derive(Debug)]
pub struct Guard<P>(PhantomData<fn() -> P>);

impl<P: Requirement, S: Send + Sync> FromRequestParts<S> for Guard<P> {
    type Rejection = Rejection;

    fn from_request_parts(parts: &mut Parts, _: &S) -> impl Future<Output = Result<Self, Rejection>> + Send {
        Extracting { token: authenticate(parts, rule_of::<P>()), typed: |_| Self(PhantomData) }
    }
}

impl<P: Requirement, S: Send + Sync> FromRequestParts<S> for AccessToken<P> {
    type Rejection = Rejection;

    fn from_request_parts(parts: &mut Parts, _: &S) -> impl Future<Output = Result<Self, Rejection>> + Send {
        Extracting { token: authenticate(parts, rule_of::<P>()), typed: Self::from_any }
    }
}

/// Of a handler without `#[require_auth]`.
impl<S: Send + Sync> FromRequestParts<S> for AccessToken<NoRequirement> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        authenticate(parts, NoRequirement::RULE).await
    }
}

/// A token that is waited for, and then given its type: all that is compiled for each handler.
struct Extracting<'a, T> {
    token: Authenticating<'a>,
    typed: fn(AccessToken) -> T,
}

impl<T> Future for Extracting<'_, T> {
    type Output = Result<T, Rejection>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let token = ready!(Pin::new(&mut self.token).poll(context));
        Poll::Ready(token.map(self.typed))
    }
}

/// `None` where nobody is logged in; a provider that gives no answer is still a 503.
impl<S: Send + Sync> OptionalFromRequestParts<S> for AccessToken<NoRequirement> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        optional(authenticate(parts, NoRequirement::RULE).await)
    }
}

/// 401 beside an access token, which stands for its own sender and no session.
impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        match session(parts).await? {
            Some(session) => Ok(session),
            None => Err(no_session(parts).await),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        session(parts).await
    }
}

/// The user of the bearer token where the request brings one, of the session otherwise.
impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        user(parts).await?.ok_or_else(|| unauthenticated(parts))
    }
}

/// `None` for a stranger, and for a client that calls as itself.
impl<S: Send + Sync> OptionalFromRequestParts<S> for User {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        match user(parts).await {
            Err(rejection) if rejection.kind() == RejectionKind::NoUser => Ok(None),
            found => found,
        }
    }
}

fn optional<T>(result: Result<T, Rejection>) -> Result<Option<T>, Rejection> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(rejection) if rejection.kind() == RejectionKind::Unauthenticated => Ok(None),
        Err(rejection) => Err(rejection),
    }
}
