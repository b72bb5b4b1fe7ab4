//! The marker that `#[public]` puts first in a handler.

use std::convert::Infallible;
use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::request::Parts;

/// Says that anyone may call the handler `P`; `#[public]` puts it first.
#[derive(Debug)]
pub struct Public<P>(PhantomData<fn() -> P>);

/// A handler that anyone may call; written by `#[public]`.
pub trait PublicHandler: 'static {
    /// Its name.
    const NAME: &'static str;
}

impl<P: PublicHandler, S: Sync> FromRequestParts<S> for Public<P> {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(PhantomData))
    }
}
