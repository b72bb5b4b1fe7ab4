//! The `Authorization` header of a request to an API.

use http::HeaderValue;

/// Returns the value of an `Authorization` header with a bearer token (RFC 6750 §2.1), marked as
/// sensitive.
///
/// ```
/// let header = auth_layer::testing::bearer("a-token");
/// assert_eq!(header, "Bearer a-token");
/// assert!(header.is_sensitive());
/// ```
///
/// # Panics
/// Where the token has a byte that no header may have.
#[must_use]
pub fn bearer(token: &str) -> HeaderValue {
    credentials("Bearer", token)
}

/// Returns the value of an `Authorization` header with a token that is bound to a key (RFC 9449
/// §7.1), marked as sensitive; the request needs a [proof](super::DpopKey::proof) too.
///
/// # Panics
/// Where the token has a byte that no header may have.
#[must_use]
pub fn dpop(token: &str) -> HeaderValue {
    credentials("DPoP", token)
}

fn credentials(scheme: &str, token: &str) -> HeaderValue {
    let mut value = HeaderValue::try_from(format!("{scheme} {token}"))
        .unwrap_or_else(|_| panic!("the token has a byte that no header may have"));
    value.set_sensitive(true);
    value
}
