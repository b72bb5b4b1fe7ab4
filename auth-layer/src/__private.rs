//! What `#[require_auth]` calls; not public API.

use http::{Request, Response};

use crate::gate::{Rejection, authenticate};
use crate::layer::Unwritten;
use crate::token::{AccessToken, Grants, Requirement, Rule};

#[cfg(feature = "axum")]
pub use crate::extract::Guard;
#[cfg(feature = "macros")]
pub use auth_macros::unknown_scope;

/// Lets a request through with its token, or gives the response that refuses it.
///
/// # Errors
/// The request does not meet the rule of `P`.
pub async fn admit<P, B, R>(request: Request<B>) -> Result<(Request<B>, AccessToken<P>), R>
where
    P: Requirement,
    R: FromRejection,
{
    let (parts, body) = request.into_parts();
    match authenticate(&parts).await {
        Ok(token) => Ok((Request::from_parts(parts, body), token)),
        Err(rejection) => Err(R::from_rejection(rejection)),
    }
}

/// Whether two APIs are of one audience; `None` is the configured one.
#[must_use]
pub const fn is_same_audience(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => is_same(one.as_bytes(), other.as_bytes()),
        _ => false,
    }
}

/// Whether an API can be of the audience that an attribute names; one without an audience can be of any.
#[must_use]
pub const fn is_of_audience(named: Option<&str>, declared: Option<&str>) -> bool {
    declared.is_none() || is_same_audience(named, declared)
}

/// `==` of strings is not const.
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([first, one @ ..], [second, other @ ..]) => *first == *second && is_same(one, other),
        _ => false,
    }
}

/// What a handler requires whose `#[require_auth]` was refused: it grants everything, so that the
/// compile error beside it is the only one.
#[derive(Debug)]
pub struct Refused;

impl Requirement for Refused {
    // Nobody meets it: it grants all scopes to the compiler and lets no request pass.
    const RULE: Rule = Rule::authenticated("refused").with_scopes(&[""]);
}

impl<S> Grants<S> for Refused {}

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
