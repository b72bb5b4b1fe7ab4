//! The access token that a handler receives (RFC 6749 §1.4), typed by what its handler required.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use http::HeaderValue;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::claim_path::ClaimTerms;
use crate::clock::Timestamp;
use crate::identifier::{Audience, ClientId, Issuer, Subject};
use crate::scope::ScopeSet;
use crate::token::bearer_token::{BearerToken, Principal};
use crate::token::own_token::OwnToken;
use crate::token::proof::Proof;
use crate::token::requirement::{Grants, NoRequirement};
use crate::token::rule::Rule;
use crate::token::token_set::IssuedToken;
use crate::token::user::User;

/// An access token whose handler's requirement `P` was met.
///
/// `#[require_auth(...)]` fills in `P`; written without it, as in `AccessToken`, it is [`NoRequirement`],
/// which grants no scope.
/// A copy costs two to four reference counts.
/// `Debug` shows the scopes and the expiry, never the value.
pub struct AccessToken<P = NoRequirement> {
    held: Held,
    requirement: PhantomData<fn() -> P>,
}

/// Where an access token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenSource {
    /// The session of a user who logged in here: the token is for calling others.
    Session,
    /// The `Authorization` header of the request: the token was issued for this API.
    Bearer,
    /// The program itself, with its client's credentials: the token is for calling others.
    ClientCredentials,
    /// An exchange of another token (RFC 8693): the token is for calling others on the same behalf.
    Exchange,
    /// A federated connection: the token was issued by another provider, for the user's account there.
    Connection,
}

#[derive(Clone)]
pub(super) enum Held {
    Session {
        issued: Arc<IssuedToken>,
        /// The configured one where the token is filed under none.
        audience: Option<Audience>,
        /// Whose it is, and how what the provider said of them is read.
        user: User,
        terms: Arc<ClaimTerms>,
    },
    Bearer {
        token: Arc<BearerToken>,
        /// Read when they are first asked for, and gone with the request.
        claims: OnceLock<Map<String, Value>>,
    },
    /// One that the program asked for itself.
    Own(Arc<OwnToken>),
}

impl<P> AccessToken<P> {
    pub(crate) const fn of_session(
        issued: Arc<IssuedToken>,
        audience: Option<Audience>,
        user: User,
        terms: Arc<ClaimTerms>,
    ) -> Self {
        Self { held: Held::Session { issued, audience, user, terms }, requirement: PhantomData }
    }

    pub(crate) const fn bearer(token: Arc<BearerToken>) -> Self {
        Self { held: Held::Bearer { token, claims: OnceLock::new() }, requirement: PhantomData }
    }

    pub(crate) const fn own(token: Arc<OwnToken>) -> Self {
        Self { held: Held::Own(token), requirement: PhantomData }
    }

    /// The token that the program asked for itself, where it is one.
    pub(crate) const fn as_own(&self) -> Option<&Arc<OwnToken>> {
        match &self.held {
            Held::Own(token) => Some(token),
            Held::Session { .. } | Held::Bearer { .. } => None,
        }
    }

    /// Types a token whose requirement the gate has checked.
    pub(crate) fn from_any(token: AccessToken<NoRequirement>) -> Self {
        Self { held: token.held, requirement: PhantomData }
    }

    /// The verified bearer token, where it is one.
    pub(crate) const fn as_bearer(&self) -> Option<&Arc<BearerToken>> {
        match &self.held {
            Held::Session { .. } | Held::Own(_) => None,
            Held::Bearer { token, .. } => Some(token),
        }
    }

    /// Whether it is a session's of another client than the one whose terms these are: it names no issuer, and
    /// every client has terms of its own.
    pub(crate) fn is_of_session_elsewhere(&self, own: &Arc<ClaimTerms>) -> bool {
        matches!(&self.held, Held::Session { terms, .. } if !Arc::ptr_eq(terms, own))
    }

    /// The token as it was issued to a session, where it is one.
    pub(crate) const fn as_issued(&self) -> Option<&Arc<IssuedToken>> {
        match &self.held {
            Held::Session { issued, .. } => Some(issued),
            Held::Bearer { .. } | Held::Own(_) => None,
        }
    }

    /// Returns the token's value, to be sent to its audience and nowhere else (RFC 9700 §4.9.1).
    #[must_use]
    pub fn expose(&self) -> &str {
        self.held.expose()
    }

    /// Returns the value of an `Authorization` header, marked sensitive (RFC 6750 §2.1).
    #[must_use]
    pub fn authorization(&self) -> HeaderValue {
        self.held.authorization()
    }

    /// Returns the scopes that the provider granted.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        self.held.scopes()
    }

    /// As `contains` of [`scopes`](Self::scopes), for which nothing is put in order.
    pub(crate) fn grants(&self, scope: &str) -> bool {
        self.held.grants(scope)
    }

    /// The claims that rules ask for: of a session's token the user's, since the token itself is opaque here.
    pub(crate) fn described(&self) -> Cow<'_, Map<String, Value>> {
        match &self.held {
            Held::Session { user, .. } => Cow::Borrowed(user.claims()),
            Held::Bearer { token, .. } => Cow::Owned(token.claims()),
            Held::Own(_) => Cow::Owned(Map::new()),
        }
    }

    /// How those claims are read.
    pub(crate) fn terms(&self) -> &ClaimTerms {
        match &self.held {
            Held::Session { terms, .. } => terms,
            Held::Bearer { token, .. } => &token.terms,
            Held::Own(token) => &token.terms,
        }
    }

    /// Returns the audience that the token was asked for; `None` is the provider's default.
    ///
    /// Of a bearer token, the one of its audiences that this API is; the token of a federated connection
    /// has none.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        match &self.held {
            Held::Session { audience, .. } => audience.as_ref().map(Audience::as_str),
            Held::Bearer { token, .. } => Some(token.audiences.first().as_str()),
            Held::Own(token) => token.issued.audience.as_ref().map(Audience::as_str),
        }
    }

    /// Returns when the token ends.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        match &self.held {
            Held::Session { issued, .. } => issued.expires_at,
            Held::Bearer { token, .. } => token.expires_at,
            Held::Own(token) => token.issued.expires_at,
        }
    }

    /// Returns where the token came from.
    #[must_use]
    pub fn source(&self) -> TokenSource {
        match &self.held {
            Held::Session { .. } => TokenSource::Session,
            Held::Bearer { .. } => TokenSource::Bearer,
            Held::Own(token) => token.source,
        }
    }

    /// Returns whom the token stands for: a session's, always a user; a machine's, its client.
    ///
    /// A bearer token stands for its client where the grant says so (`gty`), where its subject is the
    /// client (RFC 9068 §2.2) or absent, and for the accounts that clients have for themselves at
    /// Entra ID (`idtyp`, or `oid` is the subject) and at Keycloak.
    /// An exchanged token stands for whoever the token does that was exchanged.
    #[must_use]
    pub fn principal(&self) -> Principal {
        match &self.held {
            Held::Session { .. } => Principal::User,
            Held::Bearer { token, .. } => token.principal,
            Held::Own(token) => token.principal,
        }
    }

    /// Returns the subject of a bearer token, unique at its [issuer](Self::issuer); a session's user is in
    /// [`Session`](crate::Session).
    #[must_use]
    pub fn subject(&self) -> Option<&Subject> {
        self.as_bearer()?.subject.as_ref()
    }

    /// Returns the client that a bearer token, a machine's or an exchanged one was issued to (RFC 9068 §2.2).
    #[must_use]
    pub fn client_id(&self) -> Option<&ClientId> {
        match &self.held {
            Held::Session { .. } => None,
            Held::Bearer { token, .. } => token.client_id.as_ref(),
            Held::Own(token) => token.is_of_issuer().then_some(&token.client),
        }
    }

    /// Returns the issuer of a bearer token, a machine's or an exchanged one; none of a federated
    /// connection's, whose provider is another.
    #[must_use]
    pub fn issuer(&self) -> Option<&Issuer> {
        match &self.held {
            Held::Session { .. } => None,
            Held::Bearer { token, .. } => Some(&token.issuer),
            Held::Own(token) => token.is_of_issuer().then_some(&token.issuer),
        }
    }

    /// Returns the identifier of a bearer token (`jti`, RFC 7519 §4.1.7), if its issuer gave it one.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.as_bearer()?.token_id.as_deref()
    }

    /// Returns one claim of a bearer token as it came.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims()?.get(name)
    }

    /// Returns the claims of a bearer token, or what introspection said of it (RFC 7662 §2.2).
    ///
    /// A session's token has none, and a machine's neither: to the client that it was issued to it is opaque
    /// (RFC 6749 §1.4).
    #[must_use]
    pub fn claims(&self) -> Option<&Map<String, Value>> {
        match &self.held {
            Held::Session { .. } | Held::Own(_) => None,
            Held::Bearer { token, claims } => Some(claims.get_or_init(|| token.claims())),
        }
    }

    /// Reads the claims of a bearer token into a type of the caller's; a session's token has none.
    ///
    /// # Errors
    /// The error of `serde_json` where a claim is missing or of another type.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        match self.as_bearer() {
            Some(token) => serde_json::from_slice(&token.claims_text()),
            None => T::deserialize(Value::Object(Map::new())),
        }
    }

    /// Returns the proof that this token grants `S`; does not compile where the handler does not require it.
    #[must_use]
    pub fn prove<S>(&self) -> Proof<'_, S>
    where
        P: Grants<S>,
    {
        Proof::new(&self.held)
    }

    /// Hands back the rule of the handler whose token this is; `#[require_auth]` asks by it whether the type
    /// of a parameter is this one, and not another crate's of the same name.
    #[doc(hidden)]
    pub const fn of_auth_layer(rule: Rule) -> Rule {
        rule
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
        AccessToken { held: self.held, requirement: PhantomData }
    }
}

impl Held {
    pub(super) fn expose(&self) -> &str {
        match self {
            Self::Session { issued, .. } => issued.value.expose(),
            Self::Bearer { token, .. } => token.expose(),
            Self::Own(token) => token.issued.value.expose(),
        }
    }

    pub(super) fn authorization(&self) -> HeaderValue {
        match self {
            Self::Session { issued, .. } => issued.authorization(),
            Self::Bearer { token, .. } => token.authorization(),
            Self::Own(token) => token.authorization(),
        }
    }

    pub(super) fn scopes(&self) -> &ScopeSet {
        match self {
            Self::Session { issued, .. } => &issued.granted,
            Self::Bearer { token, .. } => token.granted.set(),
            Self::Own(token) => &token.issued.granted,
        }
    }

    fn grants(&self, scope: &str) -> bool {
        match self {
            Self::Session { issued, .. } => issued.granted.contains(scope),
            Self::Bearer { token, .. } => token.granted.contains(scope),
            Self::Own(token) => token.issued.granted.contains(scope),
        }
    }
}

impl<P> Clone for AccessToken<P> {
    fn clone(&self) -> Self {
        Self { held: self.held.clone(), requirement: PhantomData }
    }
}

impl<P> fmt::Debug for AccessToken<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("source", &self.source())
            .field("audience", &self.audience())
            .field("scopes", &self.scopes().as_str())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}
