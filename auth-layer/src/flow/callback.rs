//! The end of a login: the authorization response and the code's exchange (RFC 6749 §4.1.2, §4.1.3).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use tracing::Instrument as _;
use url::form_urlencoded;

use crate::flow::relying_party::{LANDING_KEPT, RelyingParty};
use crate::flow::sessions::NewSession;
use crate::ledger::{Exchange, Grant};
use crate::provider::{ProviderError, TokenResponse};
use crate::session::{Finishing, LoginAttempt, StoreError, sensitive};
use crate::token::{IssuedToken, TokenSet, User};

/// A login that was finished, for as long as the browser may ask again.
pub(crate) type Landing = Arc<OnceCell<Result<Arrival, LoginError>>>;

/// Where the browser goes after the login, with the session's cookies.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) location: String,
    pub(crate) set_cookies: Vec<HeaderValue>,
}

/// A login that came to nothing.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: LoginError,
    /// Deletes the attempt where it is used up.
    pub(crate) set_cookies: Vec<HeaderValue>,
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        Self { error, set_cookies: Vec::new() }
    }
}

/// Why a login did not end in a session.
///
/// Holds nothing of the callback's query but the OP's error code, cut to 64 bytes of `a-z_`.
#[derive(Clone, Debug)]
pub struct LoginError {
    kind: LoginErrorKind,
    retry_after: Option<std::time::Duration>,
}

/// The kinds of [`LoginError`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginErrorKind {
    /// The callback's query is not one: too long, a parameter twice, neither code nor error.
    Malformed,
    /// The state is missing, of another browser, used before or too old (RFC 6749 §10.12).
    State,
    /// The response is of another issuer, or does not name one where it must (RFC 9207).
    Issuer,
    /// The provider refused, with this code (RFC 6749 §4.1.2.1).
    Provider(String),
    /// The code was refused.
    Code,
    /// The id token was refused.
    IdToken,
    /// The user authenticated in another way than the login demanded (`acr_values`, RFC 9470 §4).
    InsufficientUserAuthentication,
    /// The provider does not accept this application: its id or its secret is wrong.
    Client,
    /// The provider gave no answer.
    Unavailable,
    /// The provider ended the session before it had begun here (back-channel logout): log in again.
    LoggedOut,
    /// The session does not fit into four cookies: ask for fewer claims, or use a store.
    SessionTooLarge,
}

impl LoginError {
    pub(crate) const fn new(kind: LoginErrorKind) -> Self {
        Self { kind, retry_after: None }
    }

    /// Returns what went wrong.
    #[must_use]
    pub const fn kind(&self) -> &LoginErrorKind {
        &self.kind
    }

    /// Returns when the provider may be asked again.
    #[must_use]
    pub const fn retry_after(&self) -> Option<std::time::Duration> {
        self.retry_after
    }
}

/// The parameters of an authorization response.
#[derive(Debug, Default)]
struct Response {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

impl Response {
    /// Reads the query; a parameter twice is refused (RFC 6749 §3.1).
    fn parse(query: &str) -> Result<Self, LoginError> {
        let malformed = LoginError::new(LoginErrorKind::Malformed);
        if query.len() > MAX_QUERY_BYTES {
            return Err(malformed);
        }
        let mut response = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "code" => &mut response.code,
                "state" => &mut response.state,
                "iss" => &mut response.iss,
                "error" => &mut response.error,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(malformed);
            }
        }
        Ok(response)
    }
}

impl RelyingParty {
    /// Ends a login.
    ///
    /// The exchange runs in a task of its own and once for each state: a double click, or a browser
    /// that went away and asks again with the same attempt cookie, gets the same session and the
    /// provider sees one POST for the code.
    ///
    /// # Errors
    /// [`Failure`]; a session that the browser already has stays as it is, and the attempt is used up
    /// unless the provider gave no answer.
    pub(crate) async fn finish_login(
        self: &Arc<Self>,
        query: &str,
        headers: &HeaderMap,
    ) -> Result<Arrival, Failure> {
        let response = Response::parse(query)?;
        let state = response.state.as_deref().ok_or(LoginError::new(LoginErrorKind::State))?;
        let attempt = self
            .attempts
            .find(state, headers, self.config.clock.now())
            .filter(|attempt| attempt.issuer == self.config.issuer)
            .ok_or(LoginError::new(LoginErrorKind::State))?;
        let forget = self.attempts.forget(state);
        let landing = self.landings.get_with(state.to_owned(), Landing::default);
        let party = Arc::clone(self);
        let carried = self.sessions.carried(headers);
        let exchanging = async move {
            let exchange = || async { party.exchange_once(response, &attempt, carried).await };
            landing.get_or_try_init(|| async { settled(exchange().await) }).await.cloned()
        };
        let task = self.tasks.spawn(exchanging.instrument(tracing::info_span!("login")));
        let landed = task.await.unwrap_or(Err(LoginError::new(LoginErrorKind::Unavailable)));
        match landed? {
            Ok(mut arrival) => {
                arrival.set_cookies.extend(forget);
                Ok(arrival)
            }
            Err(error) => Err(Failure { error, set_cookies: forget.into_iter().collect() }),
        }
    }

    /// Exchanges the code, or gives what another instance has got for it.
    async fn exchange_once(
        &self,
        response: Response,
        attempt: &LoginAttempt,
        carried: crate::session::Carried,
    ) -> Result<Arrival, LoginError> {
        let Some(arrivals) = &self.arrivals else { return self.exchange(response, attempt, carried).await };
        let arrival = arrivals.at(attempt.code_verifier.expose());
        for _ in 0..LOOKS {
            match arrival.begin().await? {
                Finishing::Mine(mine) => {
                    let arrived = self.exchange(response, attempt, carried).await;
                    let noted = match &arrived {
                        Ok(Arrival { location, set_cookies }) => {
                            let cookies = set_cookies.iter().filter_map(|line| line.to_str().ok());
                            let lines: Vec<String> = std::iter::once(location.as_str())
                                .chain(cookies)
                                .map(str::to_owned)
                                .collect();
                            arrival.land(mine, &lines, LANDING_KEPT).await
                        }
                        Err(_) => arrival.give_back(mine).await,
                    };
                    if let Err(error) = noted {
                        tracing::warn!(%error, "other instances could not be told what came of a login");
                    }
                    return arrived;
                }
                Finishing::Done(lines) => {
                    let mut lines = lines.into_iter();
                    let location = lines.next().unwrap_or_default();
                    return Ok(Arrival { location, set_cookies: lines.filter_map(sensitive).collect() });
                }
                Finishing::Theirs => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
        Err(LoginError::new(LoginErrorKind::Unavailable))
    }

    async fn exchange(
        &self,
        response: Response,
        attempt: &LoginAttempt,
        carried: crate::session::Carried,
    ) -> Result<Arrival, LoginError> {
        // The issuer is judged first: a code of another provider never reaches this one's token endpoint.
        let metadata = self.provider.metadata().await?;
        self.provider.check_response_issuer(response.iss.as_deref(), &metadata)?;
        if let Some(error) = response.error {
            let code = error.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(64).collect();
            return Err(LoginError::new(LoginErrorKind::Provider(code)));
        }
        let code = response.code.filter(|code| !code.is_empty());
        let code = code.ok_or(LoginError::new(LoginErrorKind::Malformed))?;
        let audience = self.config.audience.as_ref();
        let verifier = &attempt.code_verifier;
        let answer = self.provider.exchange_code(&code, &attempt.redirect_uri, verifier, audience).await;
        let now = self.config.clock.now();
        let client = &self.config.client_id;
        let exchange = Exchange::of(Grant::AuthorizationCode, client, answer.as_ref().err(), now);
        self.ledger.record(&exchange.with_audience(audience));
        let session = self.verify(answer?, attempt).await?;
        let login = Exchange::of(Grant::Login, client, None, now);
        self.ledger.record(&login.with_organization(session.user.organization()));
        let set_cookies = self.sessions.create(session, carried).await?;
        Ok(Arrival { location: attempt.return_to.clone(), set_cookies })
    }

    async fn verify(
        &self,
        response: TokenResponse,
        attempt: &LoginAttempt,
    ) -> Result<NewSession, LoginError> {
        let id_token = response.id_token.ok_or(LoginError::new(LoginErrorKind::IdToken))?;
        let access_token = response.access_token.expose();
        let claims = self
            .provider
            .verify_id_token(&id_token, Some(&attempt.nonce), Some(access_token), attempt.max_age)
            .await?;
        let mut about_user = claims.claims;
        check_authentication(&attempt.acr_values, &about_user)?;
        if self.config.user_info == crate::config::UserInfo::Fetch {
            let more = self.provider.user_info(&response.access_token, &claims.subject).await?;
            // How and where the user authenticated is said by the id token of this login alone.
            about_user.extend(more.into_iter().filter(|(name, _)| !LOGIN_CLAIMS.contains(&name.as_str())));
        }
        for name in PROTOCOL_CLAIMS {
            about_user.remove(*name);
        }
        let granted = response.scope.unwrap_or_else(|| self.config.scopes.clone());
        let now = self.config.clock.now();
        // `None` stands for the configured audience, so that a handler that names none finds it.
        let token = IssuedToken::new(response.access_token, None, granted, response.expires_in, now);
        let token_set = TokenSet {
            granted: token.granted.clone(),
            refresh_token: response.refresh_token,
            access_tokens: vec![Arc::new(token)],
            ..TokenSet::default()
        };
        let user = User::new(claims.subject, about_user);
        Ok(NewSession {
            user,
            sid: claims.sid,
            issued_at: claims.issued_at,
            id_token: Some(id_token),
            token_set,
        })
    }
}

/// To a provider `acr_values` is a wish (OpenID Connect Core §3.1.2.1): whether it was granted is judged
/// here, or a page that demands it would send the browser to login again and again.
fn check_authentication(demanded: &[String], claims: &Map<String, Value>) -> Result<(), LoginError> {
    let acr = claims.get("acr").and_then(Value::as_str);
    if demanded.is_empty() || acr.is_some_and(|acr| demanded.iter().any(|class| class == acr)) {
        return Ok(());
    }
    tracing::warn!(
        ?demanded,
        acr,
        "a login ended with another class of authentication than was demanded: does the provider know these acr_values?"
    );
    Err(LoginError::new(LoginErrorKind::InsufficientUserAuthentication))
}

/// A provider that gave no answer may be asked again; whatever it said is its last word on a code.
fn settled(exchanged: Result<Arrival, LoginError>) -> Result<Result<Arrival, LoginError>, LoginError> {
    match exchanged {
        Err(error) if error.kind == LoginErrorKind::Unavailable => Err(error),
        said => Ok(said),
    }
}

impl From<ProviderError> for LoginError {
    fn from(error: ProviderError) -> Self {
        let kind = match error.stage() {
            crate::provider::FailedAt::Issuer => LoginErrorKind::Issuer,
            crate::provider::FailedAt::IdToken => LoginErrorKind::IdToken,
            crate::provider::FailedAt::Client => LoginErrorKind::Client,
            _ if error.is_final() || error.is_refusal() => LoginErrorKind::Code,
            _ => LoginErrorKind::Unavailable,
        };
        tracing::warn!(%error, "a login failed");
        Self { kind, retry_after: error.retry_after() }
    }
}

impl From<StoreError> for LoginError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the session store did not take a new session");
        Self::new(LoginErrorKind::Unavailable)
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            LoginErrorKind::Malformed => f.write_str("the authorization response is malformed: log in again"),
            LoginErrorKind::State => {
                f.write_str("this login was not started in this browser, or was used before: log in again")
            }
            LoginErrorKind::Issuer => {
                f.write_str("the authorization response is of another issuer: log in again")
            }
            LoginErrorKind::Provider(code) => write!(f, "the provider refused the login: {code}"),
            LoginErrorKind::Code => f.write_str("the provider refused the authorization code: log in again"),
            LoginErrorKind::IdToken => f.write_str("the id token was not accepted: log in again"),
            LoginErrorKind::InsufficientUserAuthentication => {
                f.write_str("the provider did not authenticate you as this page requires: log in another way")
            }
            LoginErrorKind::Client => {
                f.write_str("the provider does not accept this application: its operator has to mend that")
            }
            LoginErrorKind::Unavailable => f.write_str("the provider gave no answer: try again later"),
            LoginErrorKind::LoggedOut => f.write_str("you were logged out meanwhile: log in again"),
            LoginErrorKind::SessionTooLarge => f.write_str(
                "the session does not fit into cookies: ask for fewer claims, or use a session store",
            ),
        }
    }
}

impl std::error::Error for LoginError {}

/// Claims that describe the login and not the user.
const LOGIN_CLAIMS: &[&str] = &["acr", "amr", "auth_time", "org_id", "org_name"];
/// Claims that describe the id token and not the user.
const PROTOCOL_CLAIMS: &[&str] =
    &["iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "c_hash", "s_hash", "jti"];
/// For fifteen seconds.
const LOOKS: usize = 150;
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const MAX_QUERY_BYTES: usize = 16 * 1_024;
