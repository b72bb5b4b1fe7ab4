//! What is asked for in exchange for a token.

use std::fmt;
use std::sync::Arc;

use crate::identifier::Audience;
use crate::scope::ScopeSet;
use crate::token::{AccessToken, OwnToken};

/// Which access token is wanted in exchange (RFC 8693 §2.1).
#[derive(Clone)]
#[must_use]
pub struct ExchangeRequest {
    pub(crate) audience: Audience,
    pub(crate) scopes: ScopeSet,
    pub(crate) subject_token_type: Option<String>,
    pub(crate) actor: Option<AccessToken>,
    pub(crate) refused: Option<Arc<OwnToken>>,
}

impl ExchangeRequest {
    /// Returns a request for a token of this audience, with the scopes that the provider gives unasked.
    pub fn for_audience(audience: impl Into<Audience>) -> Self {
        Self {
            audience: audience.into(),
            scopes: ScopeSet::default(),
            subject_token_type: None,
            actor: None,
            refused: None,
        }
    }

    /// Asks for these scopes; what the user may not do is not granted all the same.
    pub fn with_scopes<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.scopes = scopes.into_iter().collect();
        self
    }

    /// Names the type of the token that is exchanged (RFC 8693 §3); default is an access token,
    /// `urn:ietf:params:oauth:token-type:access_token`.
    ///
    /// Auth0's Custom Token Exchange takes none of the RFC's types, but one that a profile of the tenant
    /// names, as `urn:acme:access-token`.
    pub fn with_subject_token_type(mut self, subject_token_type: impl Into<String>) -> Self {
        self.subject_token_type = Some(subject_token_type.into());
        self
    }

    /// Says who acts on the subject's behalf, by an access token of theirs (RFC 8693 §1.1); default is
    /// nobody but the client.
    pub fn with_actor<P>(mut self, actor: &AccessToken<P>) -> Self {
        self.actor = Some(actor.clone().into_any());
        self
    }

    /// Asks for another token than this one, which its API refused.
    ///
    /// Of any number of callers who were refused with one token, one exchange brings the next.
    pub fn instead_of<P>(mut self, refused: &AccessToken<P>) -> Self {
        self.refused = refused.as_own().map(Arc::clone);
        self
    }
}

impl fmt::Debug for ExchangeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeRequest")
            .field("audience", &self.audience)
            .field("scopes", &self.scopes)
            .field("subject_token_type", &self.subject_token_type)
            .finish_non_exhaustive()
    }
}

/// A connection of the provider, at which a user has an account (Auth0's Token Vault).
#[derive(Clone)]
#[must_use]
pub struct FederatedConnection {
    pub(crate) name: String,
    pub(crate) login_hint: Option<String>,
    pub(crate) refused: Option<Arc<OwnToken>>,
}

impl FederatedConnection {
    /// Names a connection, such as `google-oauth2`.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), login_hint: None, refused: None }
    }

    /// Chooses among several accounts of the user at this connection.
    pub fn with_login_hint(mut self, login_hint: impl Into<String>) -> Self {
        self.login_hint = Some(login_hint.into());
        self
    }

    /// As [`ExchangeRequest::instead_of`].
    pub fn instead_of(mut self, refused: &AccessToken) -> Self {
        self.refused = refused.as_own().map(Arc::clone);
        self
    }
}

impl From<&str> for FederatedConnection {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}

/// Deliberately without the hint, which is mostly an address.
impl fmt::Debug for FederatedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FederatedConnection").field("name", &self.name).finish_non_exhaustive()
    }
}
