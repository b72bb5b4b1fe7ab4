//! A type of another crate that is called `AccessToken` too proves nothing.

use std::marker::PhantomData;

use auth_layer::require_auth;
use axum::extract::FromRequestParts;
use axum::routing::get;
use http::request::Parts;

/// As another crate may have it: what came with the request, whatever it is.
struct AccessToken<T = ()>(PhantomData<T>);

impl<T, S: Sync> FromRequestParts<S> for AccessToken<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(PhantomData))
    }
}

#[require_auth]
async fn open(_: AccessToken) {}

#[require_auth]
async fn right(_: auth_layer::AccessToken) {}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", get(open)).route("/right", get(right));
}
