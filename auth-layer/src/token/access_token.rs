//! The access token that a handler receives (RFC 6749 §1.4), typed by what its handler required.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use http::HeaderValue;

use crate::clock::Timestamp;
use crate::identifier::Audience;
use crate::scope::ScopeSet;
use crate::token::proof::Proof;
use crate::token::requirement::{Grants, NoRequirement};
use crate::token::token_set::IssuedToken;

/// An access token whose handler's requirement `P` was met.
///
/// `#[require_auth(...)]` fills in `P`; written without it, as in `AccessToken`, it is [`NoRequirement`],
/// which grants no scope.
/// A copy costs two reference counts.
/// `Debug` shows the scopes and the expiry, never the value.
pub struct AccessToken<P = NoRequirement> {
    issued: Arc<IssuedToken>,
    /// The configured one where the token is filed under none.
    audience: Option<Audience>,
    requirement: PhantomData<fn() -> P>,
}

impl<P> AccessToken<P> {
    pub(crate) const fn new(issued: Arc<IssuedToken>, audience: Option<Audience>) -> Self {
        Self { issued, audience, requirement: PhantomData }
    }

    /// Types a token whose requirement the gate has checked.
    pub(crate) fn from_any(token: AccessToken<NoRequirement>) -> Self {
        Self::new(token.issued, token.audience)
    }

    /// Returns the token's value, to be sent to its audience and nowhere else (RFC 9700 §4.9.1).
    #[must_use]
    pub fn expose(&self) -> &str {
        self.issued.value.expose()
    }

    /// Returns the value of an `Authorization` header, marked sensitive (RFC 6750 §2.1).
    #[must_use]
    pub fn authorization(&self) -> HeaderValue {
        self.issued.authorization()
    }

    /// Returns the scopes that the provider granted.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.issued.granted
    }

    /// Returns the audience that the token was asked for; `None` is the provider's default.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        self.audience.as_ref().map(Audience::as_str)
    }

    /// Returns when the token ends.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.issued.expires_at
    }

    /// Returns the proof that this token grants `S`; does not compile where the handler does not require it.
    #[must_use]
    pub fn prove<S>(&self) -> Proof<'_, S>
    where
        P: Grants<S>,
    {
        Proof::new(&self.issued)
    }

    /// Gives up what the handler's requirement proved; for code that needs no scope.
    ///
    /// Outside the signature of its handler `AccessToken` is `AccessToken<NoRequirement>`, so a struct
    /// with a field of that type takes `token.into_any()`:
    /// ```
    /// # #[cfg(all(feature = "axum", feature = "macros"))]
    /// # mod shop {
    /// use auth_layer::{AccessToken, require_auth};
    ///
    /// struct Client {
    ///     token: AccessToken,
    /// }
    ///
    /// #[require_auth]
    /// async fn products(token: AccessToken) {
    ///     let client = Client { token: token.into_any() };
    /// #   drop(client.token);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn into_any(self) -> AccessToken<NoRequirement> {
        AccessToken::new(self.issued, self.audience)
    }
}

impl<P> Clone for AccessToken<P> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.issued), self.audience.clone())
    }
}

impl<P> fmt::Debug for AccessToken<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("audience", &self.audience())
            .field("scopes", &self.issued.granted.to_string())
            .field("expires_at", &self.issued.expires_at)
            .finish_non_exhaustive()
    }
}
