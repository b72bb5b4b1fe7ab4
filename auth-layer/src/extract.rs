//! Extractors for axum: `AccessToken`, `Session`, `User`, and each as `Option`.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::gate::{
    Rejection, RejectionKind, Session, authenticate, no_session, session, unauthenticated, user,
};
use crate::token::{AccessToken, NoRequirement, Requirement, User};

/// Proof of authentication for handlers that name no token; `#[require_auth]` puts it first.
#[derive(Debug)]
pub struct Guard<P>(PhantomData<fn() -> P>);

impl<P: Requirement, S: Send + Sync> FromRequestParts<S> for Guard<P> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        authenticate::<P>(parts).await.map(|_| Self(PhantomData))
    }
}

impl<P: Requirement, S: Send + Sync> FromRequestParts<S> for AccessToken<P> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        authenticate(parts).await
    }
}

/// Of a handler without `#[require_auth]`.
impl<S: Send + Sync> FromRequestParts<S> for AccessToken<NoRequirement> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        authenticate(parts).await
    }
}

/// `None` where nobody is logged in; a provider that gives no answer is still a 503.
impl<S: Send + Sync> OptionalFromRequestParts<S> for AccessToken<NoRequirement> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        optional(authenticate(parts).await)
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
