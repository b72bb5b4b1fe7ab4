//! A session without a login: for tests of handlers, which need no provider and no network.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use serde_json::{Map, Value};

use crate::flow::{LoginError, NewSession};
use crate::identifier::{Audience, Subject};
use crate::layer::Auth;
use crate::scope::ScopeSet;
use crate::secret::{Secret, SecretText};
use crate::session::Carried;
use crate::token::{IssuedToken, TokenSet, User};

/// A session to be had without a login; see [`session_cookie`].
#[derive(Clone, Debug)]
#[must_use]
pub struct TestSession {
    subject: Subject,
    claims: Map<String, Value>,
    scopes: ScopeSet,
    access_token: Secret<String>,
    refresh_token: Option<Secret<String>>,
    further: Vec<(Audience, ScopeSet, Secret<String>)>,
    expires_in: Duration,
}

impl TestSession {
    /// Begins a session of this user, with a token that grants `openid` for an hour.
    pub fn new(subject: impl Into<Subject>) -> Self {
        Self {
            subject: subject.into(),
            claims: Map::new(),
            scopes: ScopeSet::parse("openid"),
            access_token: Secret::from("test-access-token"),
            refresh_token: None,
            further: Vec::new(),
            expires_in: Duration::from_secs(3_600),
        }
    }

    /// Grants these scopes, a space-delimited list.
    pub fn with_scopes(mut self, scopes: &str) -> Self {
        self.scopes = ScopeSet::parse(scopes);
        self
    }

    /// Adds a claim about the user, such as `name`.
    pub fn add_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Replaces the access token's value, `test-access-token`; it must be visible ASCII.
    pub fn with_access_token(mut self, value: impl Into<Secret<String>>) -> Self {
        self.access_token = value.into();
        self
    }

    /// Adds a token of another audience than the configured one, for handlers that want it.
    ///
    /// A handler whose scopes are of an API with an audience wants a token of that audience; where it
    /// is the one of `AuthConfig`, the session's own token is it.
    pub fn add_access_token(
        mut self,
        audience: impl Into<Audience>,
        scopes: &str,
        value: impl Into<Secret<String>>,
    ) -> Self {
        self.further.push((audience.into(), ScopeSet::parse(scopes), value.into()));
        self
    }

    /// Adds a refresh token.
    pub fn with_refresh_token(mut self, value: impl Into<Secret<String>>) -> Self {
        self.refresh_token = Some(value.into());
        self
    }

    /// Lets the access token expire this long from now; zero is an expired one.
    pub fn with_expires_in(mut self, expires_in: Duration) -> Self {
        self.expires_in = expires_in;
        self
    }
}

/// Returns the value of a `Cookie` header that carries `session` to the layer of `auth`.
///
/// The session is real: it is sealed with the keys of `auth`, and stored where `auth` stores sessions.
///
/// ```
/// # #[cfg(feature = "axum")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use auth_layer::testing::{TestSession, session_cookie};
/// use auth_layer::{AccessToken, Auth, AuthConfig};
/// use tower::ServiceExt as _;
///
/// async fn scopes(token: AccessToken) -> String {
///     token.scopes().to_string()
/// }
///
/// // Nothing listens there, and nothing has to.
/// let config = AuthConfig::builder("http://127.0.0.1:1", "client", "http://127.0.0.1:3000")
///     .add_session_key("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
///     .build()?;
/// let auth = Auth::discover(config).await?;
/// let app = axum::Router::new().route("/", axum::routing::get(scopes)).layer(auth.layer());
///
/// let session = TestSession::new("user|1").with_scopes("openid read:products");
/// let request = http::Request::get("/").header("cookie", session_cookie(&auth, session).await?);
/// let accepted = app.clone().oneshot(request.body(axum::body::Body::empty())?).await?;
/// assert_eq!(accepted.status(), 200);
///
/// let stranger = app.oneshot(http::Request::get("/").body(axum::body::Body::empty())?).await?;
/// assert_eq!(stranger.status(), 401);
/// # Ok(()) }
/// # #[cfg(not(feature = "axum"))]
/// # fn main() {}
/// ```
///
/// # Errors
/// The session does not fit into its cookies, or the store does not take it.
///
/// # Panics
/// `auth` takes bearer tokens alone.
pub async fn session_cookie(auth: &Auth, session: TestSession) -> Result<HeaderValue, LoginError> {
    let party = auth.parties().relying_party.as_ref();
    let party = party.expect("the application has sessions: it was set up with Auth::discover");
    let now = party.config.clock.now();
    let TestSession { subject, claims, scopes, access_token, refresh_token, further, expires_in } = session;
    let token =
        IssuedToken::new(SecretText::from(&access_token), None, scopes.clone(), Some(expires_in), now);
    let further = further.into_iter().map(|(audience, scopes, value)| {
        IssuedToken::new(SecretText::from(&value), Some(audience), scopes, Some(expires_in), now)
    });
    let token_set = TokenSet {
        granted: scopes,
        refresh_token: refresh_token.as_ref().map(SecretText::from),
        access_tokens: std::iter::once(token).chain(further).map(Arc::new).collect(),
        ..TokenSet::default()
    };
    let user = User::new(subject, claims);
    let new = NewSession { user, sid: None, issued_at: now, id_token: None, token_set };
    let set_cookies = party.sessions.create(new, Carried::default()).await?;
    let pairs = set_cookies.iter().filter_map(|line| line.as_bytes().split(|byte| *byte == b';').next());
    let mut cookie = HeaderValue::from_bytes(&pairs.collect::<Vec<_>>().join(&b"; "[..]))
        .expect("the cookies were header values one by one");
    cookie.set_sensitive(true);
    Ok(cookie)
}
