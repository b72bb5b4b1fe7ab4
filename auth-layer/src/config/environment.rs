//! A configuration from the environment, under our names and under nextjs-auth0's.

use crate::config::builder::AuthConfigBuilder;
use crate::config::client_credentials::budget_from;
use crate::config::error::ConfigError;
use crate::config::model::AuthConfig;
use crate::config::session_key::FIX;

impl AuthConfig {
    /// Reads the configuration from environment variables.
    ///
    /// | variable | or | what |
    /// |---|---|---|
    /// | `AUTH_ISSUER` | `AUTH0_DOMAIN` | the provider's issuer |
    /// | `AUTH_CLIENT_ID` | `AUTH0_CLIENT_ID` | |
    /// | `AUTH_CLIENT_SECRET` | `AUTH0_CLIENT_SECRET` | left out for a public client |
    /// | `AUTH_AUDIENCE` | `AUTH0_AUDIENCE` | default: the provider's own |
    /// | `AUTH_SCOPES` | `AUTH0_SCOPE` | default: `openid profile email offline_access` |
    /// | `AUTH_BASE_URL` | `APP_BASE_URL` | where this application lives |
    /// | `AUTH_SESSION_KEYS` | `AUTH0_SECRET` | newest first, separated by commas |
    /// | `AUTH_BUDGET_PER_HOUR`, `_DAY`, `_MONTH` | | machine tokens; default: any number |
    ///
    /// # Errors
    /// [`ConfigError`]: all variables that are missing, or one that is wrong, and the fix.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder_from_env()?.build()
    }

    /// Reads the environment as [`AuthConfig::from_env`] does, for more to be set.
    ///
    /// # Errors
    /// As [`AuthConfig::from_env`], for variables that are missing.
    pub fn builder_from_env() -> Result<AuthConfigBuilder, ConfigError> {
        warn_of_unknown();
        Self::builder_from(|name| std::env::var(name).ok())
    }

    /// Reads variables from `look_up`; an empty one counts as missing.
    ///
    /// # Errors
    /// As [`AuthConfig::builder_from_env`].
    pub fn builder_from(look_up: impl Fn(&str) -> Option<String>) -> Result<AuthConfigBuilder, ConfigError> {
        let get = |ours: &str, theirs: &str| read_either(&look_up, ours, theirs);
        let [issuer, client_id, base_url, keys] = read_required(&look_up, REQUIRED, None)?;
        let mut builder = Self::builder(&from_domain(issuer), &client_id, &base_url);
        for key in keys.split(',').filter(|key| !key.trim().is_empty()) {
            builder = builder.add_session_key(key);
        }
        if let Some(secret) = get("AUTH_CLIENT_SECRET", "AUTH0_CLIENT_SECRET") {
            builder = builder.with_client_secret(secret);
        } else {
            tracing::info!("AUTH_CLIENT_SECRET is not set: this is a public client");
        }
        if let Some(audience) = get("AUTH_AUDIENCE", "AUTH0_AUDIENCE") {
            builder = builder.with_audience(audience);
        }
        if let Some(scopes) = get("AUTH_SCOPES", "AUTH0_SCOPE") {
            builder = builder.with_scopes(&scopes);
        }
        Ok(builder.with_budget(budget_from(look_up)?))
    }
}

/// A variable that has to be there: our name for it, nextjs-auth0's, and what to set it to.
pub(super) type RequiredVariable = (&'static str, &'static str, &'static str);

/// Reads what has to be there; `more` is missing besides, with its fix.
///
/// # Errors
/// All that is missing, at once.
pub(super) fn read_required<const N: usize>(
    look_up: impl Fn(&str) -> Option<String>,
    required: [RequiredVariable; N],
    more: Option<(&'static str, &'static str)>,
) -> Result<[String; N], ConfigError> {
    let found = required.map(|(ours, theirs, _)| read_either(&look_up, ours, theirs));
    let missing = required.iter().zip(&found).filter(|(_, value)| value.is_none());
    let missing: Vec<_> = missing.map(|((ours, _, fix), _)| (*ours, *fix)).chain(more).collect();
    if missing.is_empty() {
        Ok(found.map(Option::unwrap_or_default))
    } else {
        Err(ConfigError::all_missing(&missing))
    }
}

/// Reads a variable under our name or under nextjs-auth0's; ours is used where they differ.
pub(super) fn read_either(
    look_up: impl Fn(&str) -> Option<String>,
    ours: &str,
    theirs: &str,
) -> Option<String> {
    let (first, second) = (read_variable(&look_up, ours), read_variable(&look_up, theirs));
    if first.is_some() && second.is_some() && first != second {
        tracing::warn!("{ours} and {theirs} differ: {ours} is used");
    }
    first.or(second)
}

/// An empty variable counts as missing.
pub(super) fn read_variable(look_up: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    look_up(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Says of variables with our prefix that nobody reads them: a name that is mistyped looks as if it were missing.
pub(super) fn warn_of_unknown() {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("AUTH_") && !KNOWN.contains(&&*name) {
            tracing::warn!("{name} is not read: the variables are {}", KNOWN.join(", "));
        }
    }
}

/// nextjs-auth0 takes a bare domain, whose issuer is an https URL with a slash at its end.
pub(super) fn from_domain(issuer: String) -> String {
    if issuer.contains("://") { issuer } else { format!("https://{}/", issuer.trim_end_matches('/')) }
}

pub(super) const ISSUER: RequiredVariable =
    ("AUTH_ISSUER", "AUTH0_DOMAIN", "set it to the provider's issuer, such as https://tenant.eu.auth0.com/");
pub(super) const CLIENT_ID: RequiredVariable =
    ("AUTH_CLIENT_ID", "AUTH0_CLIENT_ID", "copy it from the provider's page of this application");
const REQUIRED: [RequiredVariable; 4] = [
    ISSUER,
    CLIENT_ID,
    ("AUTH_BASE_URL", "APP_BASE_URL", "set it to the address that users type, such as https://app.example"),
    ("AUTH_SESSION_KEYS", "AUTH0_SECRET", FIX),
];
const KNOWN: [&str; 14] = [
    "AUTH_ISSUER",
    "AUTH_CLIENT_ID",
    "AUTH_CLIENT_SECRET",
    "AUTH_AUDIENCE",
    "AUTH_SCOPES",
    "AUTH_BASE_URL",
    "AUTH_SESSION_KEYS",
    "AUTH_TOKEN_PROFILE",
    "AUTH_INTROSPECTION_CLIENT_ID",
    "AUTH_INTROSPECTION_CLIENT_SECRET",
    "AUTH_API_BASE_URL",
    "AUTH_BUDGET_PER_HOUR",
    "AUTH_BUDGET_PER_DAY",
    "AUTH_BUDGET_PER_MONTH",
];

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn build(variables: &[(&str, &str)]) -> Result<AuthConfig, String> {
        let look_up = |name: &str| {
            variables.iter().find(|(found, _)| *found == name).map(|(_, value)| (*value).to_owned())
        };
        AuthConfig::builder_from(look_up)
            .and_then(AuthConfigBuilder::build)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_user_of_nextjs_auth0_changes_nothing() {
        let config = build(&[
            ("AUTH0_DOMAIN", "tenant.eu.auth0.com"),
            ("AUTH0_CLIENT_ID", "id"),
            ("AUTH0_CLIENT_SECRET", "hush-hush"),
            ("AUTH0_SECRET", KEY),
            ("AUTH0_AUDIENCE", "https://api.shop.example"),
            ("AUTH0_SCOPE", "openid read:products"),
            ("APP_BASE_URL", "https://app.example"),
        ])
        .unwrap();
        assert_eq!(config.issuer, "https://tenant.eu.auth0.com/");
        assert_eq!(config.audience.as_ref().unwrap(), &"https://api.shop.example");
        assert!(config.scopes.contains("read:products"));
        assert!(!format!("{config:?}").contains("hush-hush"));
    }

    #[test]
    fn all_that_is_missing_is_said_at_once() {
        let message =
            build(&[("AUTH_ISSUER", "https://op.example"), ("AUTH_SESSION_KEYS", KEY)]).unwrap_err();
        assert_eq!(
            message,
            "AUTH_CLIENT_ID is missing: copy it from the provider's page of this application; \
             AUTH_BASE_URL is missing: set it to the address that users type, such as https://app.example"
        );
    }

    #[test]
    fn each_wrong_value_is_shown_with_its_fix() {
        let good = [
            ("AUTH_ISSUER", "https://op.example"),
            ("AUTH_CLIENT_ID", "id"),
            ("AUTH_BASE_URL", "https://app.example"),
            ("AUTH_SESSION_KEYS", KEY),
        ];
        assert!(build(&good).is_ok());
        let cases = [
            (
                "AUTH_ISSUER",
                "",
                "AUTH_ISSUER is missing: set it to the provider's issuer, such as https://tenant.eu.auth0.com/",
            ),
            (
                "AUTH_ISSUER",
                "http://op.example",
                "issuer \"http://op.example\" must be https: use https, or danger_allow_http_urls() in a test network",
            ),
            (
                "AUTH_BASE_URL",
                "app.example",
                "base URL \"app.example\" is no URL: write the address that users type, such as https://app.example",
            ),
            (
                "AUTH_BASE_URL",
                "https://app.example/?x",
                "base URL \"https://app.example/?x\" has more than an origin and a path: write the address that users type, such as https://app.example",
            ),
            (
                "AUTH_SESSION_KEYS",
                "",
                "AUTH_SESSION_KEYS is missing: set it to the output of `openssl rand -hex 32`",
            ),
            (
                "AUTH_SESSION_KEYS",
                "too-short-secret",
                "a session key has 16 characters and needs 32: set it to the output of `openssl rand -hex 32`",
            ),
            (
                "AUTH_SCOPES",
                "openid,profile",
                "scopes \"openid,profile\" lack openid: separate scopes with spaces, as in \"openid profile\"",
            ),
            (
                "AUTH_BASE_URL",
                "https://app.example/auth/callback",
                "base URL \"https://app.example/auth/callback/\" ends in one of the routes: leave the path of the route out, the library adds it",
            ),
            (
                "AUTH_ISSUER",
                "https://op.example/.well-known/openid-configuration",
                "issuer \"https://op.example/.well-known/openid-configuration\" is the address of the metadata: write it as the provider's metadata does, such as https://tenant.eu.auth0.com/",
            ),
            (
                "AUTH_SCOPES",
                "profile",
                "scopes \"profile\" lack openid: add openid, without which there is no id token",
            ),
        ];
        for (name, value, message) in cases {
            let mut variables = good.to_vec();
            variables.retain(|(found, _)| *found != name);
            variables.push((name, value));
            assert_eq!(build(&variables).unwrap_err(), message);
        }
    }
}
