//! What `#[require_auth]` calls; not public API.

use http::Response;
use http::request::Parts;

use crate::gate::{Rejection, authenticate as pass};
use crate::layer::Unwritten;
use crate::token::{AccessToken, Requirement};

#[cfg(feature = "axum")]
pub use crate::extract::Guard;
pub use http;

/// Authenticates a request by its head.
pub async fn authenticate<P: Requirement>(parts: &mut Parts) -> Result<AccessToken<P>, Rejection> {
    pass(parts).await
}

/// Turns a refusal into what a plain function returns.
pub fn refuse<R: FromRejection>(rejection: Rejection) -> R {
    R::from_rejection(rejection)
}

/// A return type that can carry a refusal.
#[diagnostic::on_unimplemented(
    message = "`#[require_auth]` cannot refuse with a `{Self}`",
    label = "return an `http::Response<B>` with `B: Default`, or a `Result` of one",
    note = "a refused request gets its response from the attribute, so the function must return one"
)]
pub trait FromRejection {
    /// Makes the refusal.
    fn from_rejection(rejection: Rejection) -> Self;
}

impl<B: Default> FromRejection for Response<B> {
    fn from_rejection(rejection: Rejection) -> Self {
        // The layer writes the problem document: a body of the application's cannot be made from text.
        let unwritten = Unwritten::of(&rejection);
        let mut response = rejection.respond(|_| B::default());
        response.extensions_mut().insert(unwritten);
        response
    }
}

impl<B: Default, E> FromRejection for Result<Response<B>, E> {
    fn from_rejection(rejection: Rejection) -> Self {
        Ok(Response::from_rejection(rejection))
    }
}
