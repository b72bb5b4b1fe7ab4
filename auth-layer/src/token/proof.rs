//! A witness that a token grants a scope, where a bound on a type parameter is in the way.

use std::fmt;
use std::marker::PhantomData;

use http::HeaderValue;

use crate::scope::ScopeSet;
use crate::token::access_token::Held;

/// Proof that the token behind it grants the scope `S`; costs nothing at run time.
///
/// `fn write(proof: Proof<'_, WriteProducts>)` needs no type parameter, is called as
/// `write(token.prove())`, and refuses a token of a handler that does not require the scope.
pub struct Proof<'a, S> {
    held: &'a Held,
    scope: PhantomData<fn() -> S>,
}

impl<'a, S> Proof<'a, S> {
    /// The caller has checked that the token's requirement grants `S`.
    pub(super) const fn new(held: &'a Held) -> Self {
        Self { held, scope: PhantomData }
    }
}

impl<S> Proof<'_, S> {
    /// Returns the value of an `Authorization` header, marked sensitive (RFC 6750 §2.1).
    #[must_use]
    pub fn authorization(&self) -> HeaderValue {
        self.held.authorization()
    }

    /// Returns the token's value, to be sent to its audience and nowhere else (RFC 9700 §4.9.1).
    #[must_use]
    pub fn expose(&self) -> &str {
        self.held.expose()
    }

    /// Returns the scopes that the provider granted.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        self.held.scopes()
    }
}

impl<S> Clone for Proof<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Proof<'_, S> {}

impl<S> fmt::Debug for Proof<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").field("scopes", &self.scopes().as_str()).finish_non_exhaustive()
    }
}
