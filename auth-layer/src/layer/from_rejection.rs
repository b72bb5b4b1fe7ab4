//! What a plain function returns for a refused request.
//!
//! # Rules
//! 1. The response has the status and the headers of the [`Rejection`].
//! 2. Its body is empty: the layer writes the problem document (RFC 9457).
//! 3. A function over `tonic::Request` fails with an error that is made from the [`Rejection`].
//!
//! # Example
//! ```
//! use auth_layer::gate::Rejection;
//! use auth_layer::layer::FromRejection;
//! use http::Response;
//!
//! struct Reply(Response<String>);
//!
//! impl FromRejection for Reply {
//!     fn from_rejection(rejection: Rejection) -> Self {
//!         Self(Response::from_rejection(rejection))
//!     }
//! }
//! ```

use http::Response;

use crate::gate::Rejection;
use crate::layer::future::Unwritten;

/// What a function under `#[require_auth]` returns, so that a refused request can be answered.
///
/// A response type of your own makes itself from the `Response<B>` that is made here.
#[diagnostic::on_unimplemented(
    message = "`#[require_auth]` cannot refuse with a `{Self}`",
    label = "a refusal cannot be put into this",
    note = "over an `http::Request`, return an `http::Response<B>` with `B: Default`, or a `Result` of one",
    note = "over a `tonic::Request`, return `Result<tonic::Response<T>, tonic::Status>`, or one whose error is `From<Rejection>`",
    note = "for a handler that axum calls, put `token: AccessToken` first"
)]
pub trait FromRejection {
    /// Returns the response to a refused request.
    fn from_rejection(rejection: Rejection) -> Self;
}

#[diagnostic::do_not_recommend]
impl<B: Default> FromRejection for Response<B> {
    fn from_rejection(rejection: Rejection) -> Self {
        // The layer writes the problem document: a body of the application's cannot be made from text.
        let unwritten = Unwritten::of(&rejection);
        let mut response = rejection.respond(|_| B::default());
        response.extensions_mut().insert(unwritten);
        response
    }
}

#[diagnostic::do_not_recommend]
impl<B: Default, E> FromRejection for Result<Response<B>, E> {
    fn from_rejection(rejection: Rejection) -> Self {
        Ok(Response::from_rejection(rejection))
    }
}
