//! Building a configuration: `with_` replaces, `add_` adds, `build` judges.

use std::time::Duration;

use url::Url;

use crate::clock::Clock;
use crate::config::base_url::{BaseUrl, has_credentials, is_secure_or_loopback};
use crate::config::error::ConfigError;
use crate::config::model::{AudienceParameter, AuthConfig, ClientAuthentication, SessionLoading, UserInfo};
use crate::config::policies::{LoginPolicy, Paths, RefreshPolicy, SameSite, SessionPolicy};
use crate::config::session_key::{FIX, SessionKey};
use crate::identifier::{Audience, ClientId, Issuer};
use crate::scope::ScopeSet;
use crate::secret::Secret;

/// Builds an [`AuthConfig`]; see [`AuthConfig::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthConfigBuilder {
    issuer: String,
    base_url: String,
    session_keys: Vec<Secret<String>>,
    scopes: String,
    insecure_allowed: bool,
    draft: Draft,
}

/// What needs no more than a look.
#[derive(Clone, Debug)]
struct Draft {
    client_id: ClientId,
    client_authentication: ClientAuthentication,
    audience: Option<Audience>,
    further_audiences: Vec<Audience>,
    audience_parameter: AudienceParameter,
    paths: Paths,
    session: SessionPolicy,
    session_loading: SessionLoading,
    refresh: RefreshPolicy,
    login: LoginPolicy,
    max_age: Option<Duration>,
    user_info: UserInfo,
    authorization_parameters: Vec<(String, String)>,
    login_parameters: Vec<String>,
    allowed_return_origins: Vec<String>,
    connect_timeout: Duration,
    timeout: Duration,
    skew: Duration,
    clock: Clock,
}

impl AuthConfig {
    /// Begins a configuration for a client at a provider, and the address where this application lives.
    pub fn builder(issuer: &str, client_id: &str, base_url: &str) -> AuthConfigBuilder {
        AuthConfigBuilder {
            issuer: issuer.to_owned(),
            base_url: base_url.to_owned(),
            session_keys: Vec::new(),
            scopes: DEFAULT_SCOPES.to_owned(),
            insecure_allowed: false,
            draft: Draft {
                client_id: ClientId::from(client_id),
                client_authentication: ClientAuthentication::None,
                audience: None,
                further_audiences: Vec::new(),
                audience_parameter: AudienceParameter::default(),
                paths: Paths::default(),
                session: SessionPolicy::default(),
                session_loading: SessionLoading::default(),
                refresh: RefreshPolicy::default(),
                login: LoginPolicy::default(),
                max_age: None,
                user_info: UserInfo::default(),
                authorization_parameters: Vec::new(),
                login_parameters: Vec::new(),
                allowed_return_origins: Vec::new(),
                connect_timeout: Duration::from_secs(3),
                timeout: Duration::from_secs(10),
                skew: Duration::from_secs(30),
                clock: Clock::system(),
            },
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($value:ident: $type:ty) => $($field:ident).+ = $set:expr;)*) => {
        impl AuthConfigBuilder {
            $($(#[$doc])* pub fn $name(mut self, $value: $type) -> Self {
                self.$($field).+ = $set;
                self
            })*
        }
    };
}

setters! {
    /// Authenticates the client with a secret in the `Authorization` header (`client_secret_basic`).
    with_client_secret(secret: impl Into<Secret<String>>) => draft.client_authentication = ClientAuthentication::Basic(secret.into());
    /// Authenticates the client in another way; default: a public client.
    with_client_authentication(authentication: ClientAuthentication) => draft.client_authentication = authentication;
    /// Asks for access tokens of this audience; default: the provider's own.
    with_audience(audience: impl Into<Audience>) => draft.audience = Some(audience.into());
    /// Says how the audience is sent; default: [`AudienceParameter::Both`].
    with_audience_parameter(parameter: AudienceParameter) => draft.audience_parameter = parameter;
    /// Asks for these scopes, a space-delimited list; default: `openid profile email offline_access`.
    with_scopes(scopes: &str) => scopes = scopes.to_owned();
    /// Replaces `/auth/login`.
    with_login_path(path: &str) => draft.paths.login = path.to_owned();
    /// Replaces `/auth/callback`.
    with_callback_path(path: &str) => draft.paths.callback = path.to_owned();
    /// Replaces `/auth/logout`.
    with_logout_path(path: &str) => draft.paths.logout = path.to_owned();
    /// Replaces `/auth/profile`.
    with_profile_path(path: &str) => draft.paths.profile = path.to_owned();
    /// Serves the session's access token to the browser at this path; default: not at all, since a
    /// token that scripts can read is a token that injected scripts can steal (RFC 9700 §4.16).
    with_access_token_path(path: &str) => draft.paths.access_token = Some(path.to_owned());
    /// Names the session cookie; default: `__Host-auth_session`, on http loopback `auth_session`.
    with_session_cookie_name(name: &str) => draft.session.cookie_name = name.to_owned();
    /// Default: [`SameSite::Lax`].
    with_same_site(same_site: SameSite) => draft.session.same_site = same_site;
    /// Ends a session that was not used for this long; default: a day.
    with_session_inactivity(inactivity: Duration) => draft.session.inactivity = inactivity;
    /// Ends a session this long after the login, however much it is used; default: seven days.
    with_session_lifetime(absolute: Duration) => draft.session.absolute = absolute;
    /// Writes nothing for a session that was noted as used within this time; default: ten minutes.
    with_session_roll_after(roll_after: Duration) => draft.session.roll_after = roll_after;
    /// Default: [`SessionLoading::OnDemand`].
    with_session_loading(loading: SessionLoading) => draft.session_loading = loading;
    /// Refreshes a token this long before it expires, but not before the last third of its lifetime;
    /// default: 60 seconds.
    with_refresh_buffer(buffer: Duration) => draft.refresh.buffer = buffer;
    /// Serves the result of a refresh to late requests with the old cookie for this long after the
    /// browser has shown the new one; default: 60 seconds.
    with_refresh_grace(grace: Duration) => draft.refresh.grace = grace;
    /// Lets the one request that leads an early refresh wait this long for it, so that its response
    /// carries the new cookie; default: 500 milliseconds.
    with_refresh_patience(patience: Duration) => draft.refresh.patience = patience;
    /// Forgets a login that was not finished within this time; default: ten minutes, at most an hour.
    with_login_lifetime(lifetime: Duration) => draft.login.attempt_lifetime = lifetime;
    /// Requires that the user authenticated within this time (`max_age`, OpenID Connect Core §3.1.2.1).
    with_max_age(max_age: Duration) => draft.max_age = Some(max_age);
    /// Default: [`UserInfo::Skip`].
    with_user_info(user_info: UserInfo) => draft.user_info = user_info;
    /// Bounds the time of one request to the provider; default: 10 seconds.
    with_timeout(timeout: Duration) => draft.timeout = timeout;
    /// Tolerates clocks that differ by this much; default: 30 seconds, at most 60.
    with_clock_skew(skew: Duration) => draft.skew = skew;
    /// Injects the time, for tests.
    with_clock(clock: Clock) => draft.clock = clock;
}

impl AuthConfigBuilder {
    /// Adds a key that seals sessions, the newest first: it seals, the others only open.
    pub fn add_session_key(mut self, key: impl Into<Secret<String>>) -> Self {
        self.session_keys.push(key.into());
        self
    }

    /// Asks at login for one more audience, whose tokens the session gets later with its refresh token.
    ///
    /// It is sent as one more `resource` (RFC 8707 §2.1), which a provider that binds grants to their
    /// resources needs; ask for its scopes with [`AuthConfigBuilder::with_scopes`].
    /// Auth0 takes further audiences from its own settings (multi-resource refresh tokens) instead.
    pub fn add_audience(mut self, audience: impl Into<Audience>) -> Self {
        self.draft.further_audiences.push(audience.into());
        self
    }

    /// Adds a parameter to every authorization request, such as `connection` or `ui_locales`.
    pub fn add_authorization_parameter(mut self, name: &str, value: &str) -> Self {
        self.draft.authorization_parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets the query of `/auth/login` choose this parameter of the authorization request, such as
    /// `connection` for one button a social connection; default: none.
    ///
    /// Whoever makes a link to the login chooses its value, up to 512 bytes.
    pub fn add_login_parameter(mut self, name: &str) -> Self {
        self.draft.login_parameters.push(name.to_owned());
        self
    }

    /// Adds an https origin that users may be sent back to after login or logout.
    pub fn add_return_origin(mut self, origin: &str) -> Self {
        self.draft.allowed_return_origins.push(origin.to_owned());
        self
    }

    /// Lets the provider and this application be plain http beyond loopback: every token can be read
    /// on the way (RFC 9700 §2.6). For test networks.
    pub fn danger_allow_http_urls(mut self) -> Self {
        self.insecure_allowed = true;
        self
    }

    /// Judges the configuration.
    ///
    /// # Errors
    /// [`ConfigError`]: the first value that cannot work, and the fix.
    pub fn build(self) -> Result<AuthConfig, ConfigError> {
        let issuer = self.issuer()?;
        let base_url = BaseUrl::parse(&self.base_url, self.insecure_allowed)?;
        if self.insecure_allowed {
            tracing::warn!("danger_allow_http_urls: tokens and cookies can be read on the way");
        }
        let draft = self.draft;
        if draft.client_id == "" {
            return Err(ConfigError::missing(
                "client id",
                "copy it from the provider's page of this application",
            ));
        }
        if let ClientAuthentication::Basic(secret) | ClientAuthentication::Post(secret) =
            &draft.client_authentication
            && secret.expose().is_empty()
        {
            let fix = "copy it from the provider, or leave it out for a public client";
            return Err(ConfigError::wrong_secret("client secret", "is empty", fix));
        }
        let scopes = ScopeSet::parse(&self.scopes);
        if !scopes.contains("openid") {
            let fix = "add openid, without which there is no id token";
            return Err(ConfigError::wrong("scopes", &self.scopes, "lack openid", fix));
        }
        if self.session_keys.is_empty() {
            return Err(ConfigError::missing("AUTH_SESSION_KEYS", FIX));
        }
        let keys = self.session_keys.iter().map(|key| SessionKey::parse(key.expose()));
        let session_keys = keys.collect::<Result<Vec<_>, _>>()?;
        check_paths(&draft.paths)?;
        check_times(&draft)?;
        for origin in &draft.allowed_return_origins {
            let parsed = Url::parse(origin)
                .ok()
                .map(|url| (is_secure_or_loopback(&url), url.origin().ascii_serialization()));
            if parsed != Some((true, origin.clone())) {
                let fix = "write scheme and host alone, such as https://app.example";
                return Err(ConfigError::wrong("return origin", origin, "is no https origin", fix));
            }
        }
        let set = draft.authorization_parameters.iter().map(|(name, _)| name);
        let own = |name: &&String| OWN_PARAMETERS.contains(&name.as_str());
        if let Some(name) = set.chain(&draft.login_parameters).find(own) {
            let fix = "leave it out, the library writes it";
            return Err(ConfigError::wrong("authorization parameter", name, "is the protocol's own", fix));
        }
        let session = name_cookie(draft.session, &base_url)?;
        Ok(AuthConfig {
            issuer,
            base_url,
            scopes,
            session_keys,
            session,
            client_id: draft.client_id,
            client_authentication: draft.client_authentication,
            audience: draft.audience,
            further_audiences: draft.further_audiences,
            audience_parameter: draft.audience_parameter,
            paths: draft.paths,
            session_loading: draft.session_loading,
            refresh: draft.refresh,
            login: draft.login,
            max_age: draft.max_age,
            user_info: draft.user_info,
            authorization_parameters: draft.authorization_parameters,
            login_parameters: draft.login_parameters,
            allowed_return_origins: draft.allowed_return_origins,
            connect_timeout: draft.connect_timeout,
            timeout: draft.timeout,
            skew: draft.skew,
            clock: draft.clock,
        })
    }

    fn issuer(&self) -> Result<Issuer, ConfigError> {
        let (what, value) = ("issuer", self.issuer.as_str());
        let fix = "write it as the provider's metadata does, such as https://tenant.eu.auth0.com/";
        let url = Url::parse(value).map_err(|_| ConfigError::wrong(what, value, "is no URL", fix))?;
        if has_credentials(&url) {
            return Err(ConfigError::wrong_secret("the issuer", "has a username or a password", fix));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.has_host() {
            return Err(ConfigError::wrong(what, value, "has more than an origin and a path", fix));
        }
        if !is_secure_or_loopback(&url) && !self.insecure_allowed {
            let fix = "use https, or danger_allow_http_urls() in a test network";
            return Err(ConfigError::wrong(what, value, "must be https", fix));
        }
        Ok(Issuer::from(value))
    }
}

fn name_cookie(mut session: SessionPolicy, base_url: &BaseUrl) -> Result<SessionPolicy, ConfigError> {
    if session.cookie_name.is_empty() {
        // On http the browser would refuse the prefix, which promises Secure (RFC 6265bis §4.1.3.2).
        session.cookie_name = if base_url.is_https() { "__Host-auth_session" } else { "auth_session" }.into();
    }
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-^_`|~".contains(&byte);
    let name = &session.cookie_name;
    if !name.bytes().all(token) || name.len() > 64 {
        let fix = "use letters, digits, - and _, at most 64";
        return Err(ConfigError::wrong("session cookie name", name, "is no cookie name", fix));
    }
    if name.starts_with("__") && !base_url.is_https() {
        let fix = "leave the prefix out, or serve the application over https";
        return Err(ConfigError::wrong("session cookie name", name, "is refused by browsers on http", fix));
    }
    if !name.starts_with("__Host-") && base_url.is_https() {
        tracing::warn!("the session cookie's name lacks __Host-: a sibling domain can plant one");
    }
    Ok(session)
}

fn check_paths(paths: &Paths) -> Result<(), ConfigError> {
    let all = [
        Some(&paths.login),
        Some(&paths.callback),
        Some(&paths.logout),
        Some(&paths.profile),
        paths.access_token.as_ref(),
    ];
    let all: Vec<&String> = all.into_iter().flatten().collect();
    for (index, path) in all.iter().enumerate() {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        if !path.starts_with('/') || path.starts_with("//") || !path.bytes().all(plain) {
            return Err(ConfigError::wrong("path", path, "is no plain path", "write it like /auth/login"));
        }
        if all[..index].contains(path) {
            return Err(ConfigError::wrong(
                "path",
                path,
                "serves two routes",
                "give each route a path of its own",
            ));
        }
    }
    Ok(())
}

fn check_times(draft: &Draft) -> Result<(), ConfigError> {
    let seconds = |duration: Duration| format!("{} s", duration.as_secs());
    let checks = [
        ("clock skew", draft.skew, Duration::ZERO, Duration::from_secs(60)),
        ("login lifetime", draft.login.attempt_lifetime, Duration::from_secs(1), Duration::from_secs(3_600)),
        (
            "session lifetime",
            draft.session.absolute,
            Duration::from_secs(1),
            Duration::from_secs(400 * 24 * 3_600),
        ),
        ("session inactivity", draft.session.inactivity, Duration::from_secs(1), draft.session.absolute),
        ("refresh buffer", draft.refresh.buffer, Duration::ZERO, Duration::from_secs(3_600)),
        ("refresh grace", draft.refresh.grace, Duration::from_secs(1), Duration::from_secs(3_600)),
        ("refresh patience", draft.refresh.patience, Duration::ZERO, Duration::from_secs(60)),
        ("timeout", draft.timeout, Duration::from_millis(100), Duration::from_secs(120)),
    ];
    for (what, value, least, most) in checks {
        if value < least || value > most {
            let fix = format!("choose between {} and {}", seconds(least), seconds(most));
            return Err(ConfigError::wrong(what, &seconds(value), "is out of bounds", &fix));
        }
    }
    Ok(())
}

const DEFAULT_SCOPES: &str = "openid profile email offline_access";
const OWN_PARAMETERS: &[&str] = &[
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "audience",
    "resource",
    "max_age",
    "request",
    "request_uri",
];
