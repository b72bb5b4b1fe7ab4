//! Judging a configuration: the first value that cannot work is an error, with its fix.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::claim_path::ClaimTerms;
use crate::config::base_url::{BaseUrl, has_credentials, is_secure_or_loopback};
use crate::config::builder::{AuthConfigBuilder, Draft};
use crate::config::error::ConfigError;
use crate::config::model::{AuthConfig, ClientAuthentication};
use crate::config::policies::{Paths, SessionPolicy};
use crate::config::session_key::SessionKey;
use crate::identifier::{ClientId, Issuer};
use crate::scope::ScopeSet;

impl AuthConfigBuilder {
    /// Judges the configuration.
    ///
    /// # Errors
    /// [`ConfigError`]: the first value that cannot work, and the fix.
    pub fn build(self) -> Result<AuthConfig, ConfigError> {
        let issuer = parse_issuer(&self.issuer, self.insecure_allowed)?;
        let base_url = BaseUrl::parse(&self.base_url, self.insecure_allowed)?;
        if self.insecure_allowed {
            tracing::warn!("danger_allow_http_urls: tokens and cookies can be read on the way");
        }
        let draft = self.draft;
        let without_secret = "copy it from the provider, or leave it out for a public client";
        check_client(&draft.client_id, &draft.client_authentication, without_secret)?;
        draft.machine.budget.check()?;
        let scopes = ScopeSet::parse(&self.scopes);
        if !scopes.contains("openid") {
            let fix = match self.scopes.contains(',') {
                true => "separate scopes with spaces, as in \"openid profile\"",
                false => "add openid, without which there is no id token",
            };
            return Err(ConfigError::wrong("scopes", &self.scopes, "lack openid", fix));
        }
        if self.session_keys.is_empty() {
            return Err(ConfigError::missing("a session key", "add_session_key(..), or AUTH_SESSION_KEYS"));
        }
        let keys = self.session_keys.iter().map(|key| SessionKey::parse(key.expose()));
        let session_keys = keys.collect::<Result<Vec<_>, _>>()?;
        check_paths(&draft.paths, &base_url)?;
        if draft.audience.iter().chain(&draft.further_audiences).any(|audience| *audience == "") {
            let fix = "write the API's identifier, or leave it out for the provider's default";
            return Err(ConfigError::wrong("audience", "", "is empty", fix));
        }
        draft.audience_scopes.check()?;
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
        if let Some(kind) = draft.claims.without_names() {
            let fix = "name a claim, such as ClaimPath::named(\"roles\")";
            return Err(ConfigError::wrong_secret(kind, "lack a name", fix));
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
            audience_scopes: draft.audience_scopes,
            audience_parameter: draft.audience_parameter,
            paths: draft.paths,
            session_loading: draft.session_loading,
            refresh: draft.refresh,
            login: draft.login,
            max_age: draft.max_age,
            terms: Arc::new(ClaimTerms { paths: draft.claims, clock: draft.clock.clone(), skew: draft.skew }),
            user_info: draft.user_info,
            authorization_parameters: draft.authorization_parameters,
            login_parameters: draft.login_parameters,
            allowed_return_origins: draft.allowed_return_origins,
            connect_timeout: draft.connect_timeout,
            timeout: draft.timeout,
            skew: draft.skew,
            clock: draft.clock,
            resource_server: draft.resource_server,
            machine: draft.machine,
        })
    }
}

/// A client that the provider could know.
pub(super) fn check_client(
    client_id: &ClientId,
    authentication: &ClientAuthentication,
    without_secret: &str,
) -> Result<(), ConfigError> {
    if *client_id == "" {
        return Err(ConfigError::missing(
            "client id",
            "copy it from the provider's page of this application",
        ));
    }
    if let ClientAuthentication::Basic(secret) | ClientAuthentication::Post(secret) = authentication
        && secret.expose().is_empty()
    {
        return Err(ConfigError::wrong_secret("client secret", "is empty", without_secret));
    }
    Ok(())
}

/// An issuer that can be trusted, as its metadata writes it.
pub(super) fn parse_issuer(value: &str, insecure_allowed: bool) -> Result<Issuer, ConfigError> {
    let what = "issuer";
    let fix = "write it as the provider's metadata does, such as https://tenant.eu.auth0.com/";
    let url = Url::parse(value).map_err(|_| ConfigError::wrong(what, value, "is no URL", fix))?;
    if has_credentials(&url) {
        return Err(ConfigError::wrong_secret("the issuer", "has a username or a password", fix));
    }
    if url.path().contains("/.well-known/") {
        return Err(ConfigError::wrong(what, value, "is the address of the metadata", fix));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.has_host() {
        return Err(ConfigError::wrong(what, value, "has more than an origin and a path", fix));
    }
    if !is_secure_or_loopback(&url) && !insecure_allowed {
        let fix = "use https, or danger_allow_http_urls() in a test network";
        return Err(ConfigError::wrong(what, value, "must be https", fix));
    }
    Ok(Issuer::from(value))
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

fn check_paths(paths: &Paths, base_url: &BaseUrl) -> Result<(), ConfigError> {
    let all = [
        Some(&paths.login),
        Some(&paths.callback),
        Some(&paths.logout),
        Some(&paths.profile),
        paths.access_token.as_ref(),
        paths.backchannel_logout.as_ref(),
    ];
    let all: Vec<&String> = all.into_iter().flatten().collect();
    for (index, path) in all.iter().enumerate() {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        if !path.starts_with('/') || path.starts_with("//") || !path.bytes().all(plain) {
            return Err(ConfigError::wrong("path", path, "is no plain path", "write it like /auth/login"));
        }
        if base_url.url().path().trim_end_matches('/').ends_with(path.as_str()) {
            let fix = "leave the path of the route out, the library adds it";
            return Err(ConfigError::wrong(
                "base URL",
                base_url.url().as_str(),
                "ends in one of the routes",
                fix,
            ));
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
    check_bounds(&[
        ("clock skew", draft.skew, Duration::ZERO, Duration::from_secs(60)),
        ("login lifetime", draft.login.attempt_lifetime, Duration::from_secs(1), Duration::from_secs(3_600)),
        (
            "session lifetime",
            draft.session.absolute,
            Duration::from_secs(1),
            Duration::from_secs(400 * 24 * 3_600),
        ),
        ("session roll threshold", draft.session.roll_after, Duration::ZERO, draft.session.inactivity / 2),
        ("session inactivity", draft.session.inactivity, Duration::from_secs(1), draft.session.absolute),
        ("refresh buffer", draft.refresh.buffer, Duration::ZERO, Duration::from_secs(3_600)),
        ("refresh grace", draft.refresh.grace, Duration::from_secs(1), Duration::from_secs(3_600)),
        ("refresh patience", draft.refresh.patience, Duration::ZERO, Duration::from_secs(60)),
        ("refresh lease", draft.refresh.lease, Duration::from_secs(3), Duration::from_secs(15)),
        ("refresh wait", draft.refresh.wait, Duration::ZERO, Duration::from_secs(60)),
        ("connect timeout", draft.connect_timeout, Duration::from_millis(100), Duration::from_secs(60)),
        ("timeout", draft.timeout, Duration::from_millis(100), Duration::from_secs(120)),
    ])
}

/// What is set, and the least and the most that it may be.
pub(super) fn check_bounds(checks: &[(&str, Duration, Duration, Duration)]) -> Result<(), ConfigError> {
    let seconds = |duration: Duration| match duration.subsec_millis() {
        0 => format!("{} s", duration.as_secs()),
        _ => format!("{} ms", duration.as_millis()),
    };
    for &(what, value, least, most) in checks {
        if value < least || value > most {
            let fix = format!("choose between {} and {}", seconds(least), seconds(most));
            return Err(ConfigError::wrong(what, &seconds(value), "is out of bounds", &fix));
        }
    }
    Ok(())
}

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
