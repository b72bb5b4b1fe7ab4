//! The refusal that a request gets: one status, one challenge, one problem document.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::gate::shortfall::{Lacking, Shortfall};
use crate::refresh::{RefreshError, RefreshErrorKind};
use crate::resource_server::{Challenge, ChallengeError, Refusal, RefusalKind, ResourceServer};
use crate::token::Rule;

/// Why a request does not pass.
///
/// It is always in the extensions of the response, also where the application replaced the body.
#[derive(Clone, Debug)]
pub struct Rejection(Box<Inner>);

/// Boxed, so that the result of a judgement, which every request moves about, is not as large as a refusal.
#[derive(Clone, Debug)]
struct Inner {
    kind: RejectionKind,
    retry_after: Option<Duration>,
    login: Option<String>,
    shortfall: Option<Shortfall>,
    /// What a resource server says of itself in its challenges.
    challenge: Option<Arc<Challenge>>,
    /// The credentials came under the scheme `DPoP`.
    is_dpop: bool,
    dpop_nonce: Option<String>,
}

/// The kinds of [`Rejection`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionKind {
    /// No session and no token: 401, or a redirect to login for a page.
    Unauthenticated,
    /// The credentials are malformed: 400 `invalid_request` (RFC 6750 §3.1).
    InvalidRequest,
    /// The bearer token is expired, revoked, of another issuer or audience, or no token at all: 401
    /// `invalid_token` (RFC 6750 §3.1). Which of these it is, is in the log.
    InvalidToken,
    /// The proof of possession does not fit the request: 401 `invalid_dpop_proof` (RFC 9449 §7.1).
    InvalidDpopProof,
    /// The proof of possession needs a nonce: 401 `use_dpop_nonce` with a `DPoP-Nonce` (RFC 9449 §9).
    UseDpopNonce,
    /// The token stands for a client, and the handler asks for a user: 403.
    NoUser,
    /// The token stands for a user, and the handler asks for a client: 403.
    NoClient,
    /// The request brings an access token, and the handler asks for a session: 401.
    NoSession,
    /// The token lacks a scope: 403 `insufficient_scope` (RFC 6750 §3.1).
    InsufficientScope,
    /// A permission is missing: 403.
    InsufficientPermissions,
    /// A role is missing: 403.
    InsufficientRoles,
    /// The user did not log in to the organization that the handler asks for: 403.
    OrganizationRefused,
    /// The user authenticated too weakly or too long ago: 401 `insufficient_user_authentication`
    /// (RFC 9470 §3), or a redirect to a login that asks for more, for a page.
    InsufficientUserAuthentication,
    /// A state-changing request from another site: 403.
    CrossSite,
    /// The provider does not issue tokens for this audience to this client, or the bearer token is not of
    /// the audience that the handler names: 403.
    AudienceRefused,
    /// The session has no refresh token to get a token of this audience with: 403.
    NoRefreshToken,
    /// The provider gives no answer and the token is expired: 503 with `Retry-After`.
    ProviderUnavailable,
    /// The session store gives no answer: 503 with `Retry-After`.
    StoreUnavailable,
    /// There is no [`AuthLayer`](crate::AuthLayer) around the handler: 500.
    LayerMissing,
}

impl Rejection {
    pub(crate) fn new(kind: RejectionKind) -> Self {
        Self(Box::new(Inner {
            kind,
            retry_after: None,
            login: None,
            shortfall: None,
            challenge: None,
            is_dpop: false,
            dpop_nonce: None,
        }))
    }

    /// Sends a page to the login at this path instead.
    pub(crate) fn at_login(mut self, path: String) -> Self {
        self.0.login = Some(path);
        self
    }

    pub(crate) fn unavailable(retry_after: Option<Duration>) -> Self {
        let mut rejection = Self::new(RejectionKind::ProviderUnavailable);
        rejection.0.retry_after = retry_after;
        rejection
    }

    /// As a rule refuses a token that is good.
    pub(crate) fn short(rule: &Rule, shortfall: Shortfall) -> Self {
        shortfall.explain(rule);
        let mut rejection = Self::new(shortfall.kind());
        rejection.0.shortfall = Some(shortfall);
        rejection
    }

    /// As a resource server refuses credentials.
    pub(crate) fn credentials(refusal: &Refusal, is_dpop: bool) -> Self {
        let kind = match refusal.kind() {
            RefusalKind::Malformed => RejectionKind::InvalidRequest,
            RefusalKind::InvalidToken => RejectionKind::InvalidToken,
            RefusalKind::InvalidProof => RejectionKind::InvalidDpopProof,
            RefusalKind::UseNonce => RejectionKind::UseDpopNonce,
            RefusalKind::Unavailable => RejectionKind::ProviderUnavailable,
        };
        let mut rejection = Self::new(kind).under_dpop(is_dpop);
        rejection.0.retry_after = refusal.retry_after();
        rejection.0.dpop_nonce = refusal.nonce().map(str::to_owned);
        rejection
    }

    /// Lets the challenge say what this resource server takes.
    pub(crate) fn challenged_by(mut self, server: Option<&Arc<ResourceServer>>) -> Self {
        self.0.challenge = server.map(|server| Arc::clone(server.challenge()));
        self
    }

    /// Says that the credentials came under the scheme `DPoP`.
    pub(crate) fn under_dpop(mut self, is_dpop: bool) -> Self {
        self.0.is_dpop = is_dpop;
        self
    }

    /// Returns why the request does not pass.
    #[must_use]
    pub const fn kind(&self) -> RejectionKind {
        self.0.kind
    }

    /// Returns the status of the response.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.0.kind {
            _ if self.0.login.is_some() => StatusCode::SEE_OTHER,
            RejectionKind::Unauthenticated
            | RejectionKind::InvalidToken
            | RejectionKind::InvalidDpopProof
            | RejectionKind::UseDpopNonce
            | RejectionKind::NoSession
            | RejectionKind::InsufficientUserAuthentication => StatusCode::UNAUTHORIZED,
            RejectionKind::InvalidRequest => StatusCode::BAD_REQUEST,
            RejectionKind::InsufficientScope
            | RejectionKind::InsufficientPermissions
            | RejectionKind::InsufficientRoles
            | RejectionKind::OrganizationRefused
            | RejectionKind::NoUser
            | RejectionKind::NoClient
            | RejectionKind::CrossSite
            | RejectionKind::AudienceRefused
            | RejectionKind::NoRefreshToken => StatusCode::FORBIDDEN,
            RejectionKind::ProviderUnavailable | RejectionKind::StoreUnavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            RejectionKind::LayerMissing => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the scopes that the handler requires; empty but for [`RejectionKind::InsufficientScope`].
    #[must_use]
    pub fn required_scopes(&self) -> &[&'static str] {
        self.scopes().map_or(&[], |lacking| &lacking.required)
    }

    /// Returns those of the required scopes that the token lacks.
    #[must_use]
    pub fn missing_scopes(&self) -> &[&'static str] {
        self.scopes().map_or(&[], |lacking| &lacking.missing)
    }

    fn scopes(&self) -> Option<&Lacking> {
        match &self.0.shortfall {
            Some(Shortfall::Scopes(lacking)) => Some(lacking),
            _ => None,
        }
    }

    /// How long to wait before another try, where that may help.
    pub(crate) fn waits(&self) -> Option<Duration> {
        let may_help = self.status() == StatusCode::SERVICE_UNAVAILABLE;
        may_help.then(|| self.0.retry_after.unwrap_or(DEFAULT_RETRY))
    }

    /// Returns the response, with a body made from the problem document.
    pub(crate) fn respond<B>(self, body: impl FnOnce(String) -> B) -> Response<B> {
        let mut response = Response::new(body(self.problem()));
        *response.status_mut() = self.status();
        self.write_headers(response.headers_mut());
        response.extensions_mut().insert(self);
        response
    }

    /// Returns the problem document (RFC 9457); empty for a redirect.
    pub(crate) fn problem(&self) -> String {
        if self.0.login.is_some() {
            return String::new();
        }
        let mut problem = json!({
            "type": "about:blank",
            "title": self.status().canonical_reason(),
            "status": self.status().as_u16(),
            "detail": self.to_string(),
        });
        if let (Some(code), Some(members)) = (self.error_code(), problem.as_object_mut()) {
            members.insert("error".into(), json!(code));
        }
        if let (Some(shortfall), Some(members)) = (&self.0.shortfall, problem.as_object_mut()) {
            shortfall.write_members(members);
        }
        problem.to_string()
    }

    fn write_headers(&self, headers: &mut HeaderMap) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, private"));
        headers.insert(VARY, HeaderValue::from_static("Cookie"));
        if let Some(path) = &self.0.login {
            // It is built from a parsed path and percent-encoding: always a header value.
            if let Ok(location) = HeaderValue::try_from(path) {
                headers.insert(LOCATION, location);
            }
            return;
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for challenge in self.challenges() {
            headers.append(WWW_AUTHENTICATE, challenge);
        }
        if let Some(nonce) = self.0.dpop_nonce.as_deref().and_then(|nonce| HeaderValue::try_from(nonce).ok())
        {
            headers.insert("dpop-nonce", nonce);
        }
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            let seconds = self.waits().unwrap_or(DEFAULT_RETRY).as_millis().div_ceil(1_000).max(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)));
        }
    }

    /// The error code of RFC 6750 §3.1, RFC 9449 §7.1 or RFC 9470 §3: none where no credentials were brought.
    const fn error_code(&self) -> Option<&'static str> {
        match self.0.kind {
            RejectionKind::InvalidRequest => Some("invalid_request"),
            RejectionKind::InvalidToken => Some("invalid_token"),
            RejectionKind::InvalidDpopProof => Some("invalid_dpop_proof"),
            RejectionKind::UseDpopNonce => Some("use_dpop_nonce"),
            RejectionKind::InsufficientScope => Some("insufficient_scope"),
            RejectionKind::InsufficientUserAuthentication => Some("insufficient_user_authentication"),
            _ => None,
        }
    }

    fn challenges(&self) -> Vec<HeaderValue> {
        let parameters = match &self.0.shortfall {
            Some(Shortfall::Scopes(lacking)) => vec![("scope", lacking.required.join(" "))],
            Some(Shortfall::Authentication(step_up)) => step_up.parameters().collect(),
            _ => Vec::new(),
        };
        let error = match (self.0.kind, self.error_code()) {
            (RejectionKind::Unauthenticated | RejectionKind::NoSession, _) => None,
            (_, Some(code)) => Some(ChallengeError { code, parameters }),
            _ => return Vec::new(),
        };
        match &self.0.challenge {
            Some(challenge) => challenge.values(error.as_ref(), self.0.is_dpop),
            None => Challenge::of_sessions(error.as_ref()).into_iter().collect(),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind {
            RejectionKind::Unauthenticated => f.write_str(match self.0.challenge {
                Some(_) => "no access token: send one in the Authorization header",
                None => "no user is logged in: log in first",
            }),
            RejectionKind::InvalidRequest => {
                f.write_str("the request brings no token as it should: send one Authorization header")
            }
            RejectionKind::InvalidToken => {
                f.write_str("the access token is not good here: get a new one for this API")
            }
            RejectionKind::InvalidDpopProof => {
                f.write_str("the DPoP proof does not fit the request: make one for it")
            }
            RejectionKind::UseDpopNonce => {
                f.write_str("the DPoP proof needs a nonce: use the one of the DPoP-Nonce header")
            }
            RejectionKind::NoUser => f.write_str("the access token stands for a client: bring one of a user"),
            RejectionKind::NoClient => f.write_str("the access token stands for a user: bring one of a client"),
            RejectionKind::NoSession => {
                f.write_str("the request brings an access token, where a session is wanted: send the session's cookie alone")
            }
            RejectionKind::InsufficientScope => {
                write!(f, "the access token lacks: {}", self.missing_scopes().join(" "))
            }
            RejectionKind::InsufficientPermissions | RejectionKind::InsufficientRoles => {
                let missing = match &self.0.shortfall {
                    Some(Shortfall::Permissions(lacking) | Shortfall::Roles(lacking)) => lacking.missing.join(", "),
                    _ => String::new(),
                };
                let what = if self.0.kind == RejectionKind::InsufficientRoles { "role" } else { "permission" };
                write!(f, "a {what} is missing: {missing}")
            }
            RejectionKind::OrganizationRefused => {
                f.write_str("the user is not logged in to the organization: log in to it")
            }
            RejectionKind::InsufficientUserAuthentication => {
                f.write_str("the user has to authenticate again, or better: log in with acr_values and max_age as said")
            }
            RejectionKind::CrossSite => {
                f.write_str("the request comes from another site: send it from a page of this one")
            }
            RejectionKind::AudienceRefused => f.write_str(match self.0.challenge {
                Some(_) => "the access token is for another part of this API: get one for this one",
                None => "the provider issues no token for this audience to this application",
            }),
            RejectionKind::NoRefreshToken => {
                f.write_str("the session has no refresh token to get such an access token with")
            }
            RejectionKind::ProviderUnavailable => {
                f.write_str("the OpenID provider gives no answer: try again later")
            }
            RejectionKind::StoreUnavailable => {
                f.write_str("the session store gives no answer: try again later")
            }
            RejectionKind::LayerMissing => f.write_str("this service is not set up: see its log"),
        }
    }
}

impl std::error::Error for Rejection {}

/// As the gate refuses a call: 401 where the session is over, 503 where the provider gave no answer,
/// 403 where it issues no such token or none can be asked for.
impl From<RefreshError> for Rejection {
    fn from(error: RefreshError) -> Self {
        match error.kind() {
            RefreshErrorKind::InvalidGrant | RefreshErrorKind::Expired => {
                Self::new(RejectionKind::Unauthenticated)
            }
            RefreshErrorKind::NoRefreshToken => Self::new(RejectionKind::NoRefreshToken),
            RefreshErrorKind::Unavailable => Self::unavailable(error.retry_after()),
            RefreshErrorKind::Refused => Self::new(RejectionKind::AudienceRefused),
        }
    }
}

#[cfg(feature = "axum")]
impl axum::response::IntoResponse for RefreshError {
    fn into_response(self) -> axum::response::Response {
        Rejection::from(self).into_response()
    }
}

#[cfg(feature = "axum")]
impl axum::response::IntoResponse for Rejection {
    fn into_response(self) -> axum::response::Response {
        self.respond(axum::body::Body::from)
    }
}

const DEFAULT_RETRY: Duration = Duration::from_secs(1);
