//! The configuration of a resource server from the environment.

use crate::config::environment::{from_domain, read_variable};
use crate::config::error::ConfigError;
use crate::config::resource_server::builder::ResourceServerConfigBuilder;
use crate::config::resource_server::issuer::TrustedIssuer;
use crate::config::resource_server::model::{ResourceServerConfig, TokenProfile};

impl ResourceServerConfig {
    /// Reads the configuration of an API with one issuer from environment variables.
    ///
    /// | variable | or | what |
    /// |---|---|---|
    /// | `AUTH_ISSUER` | `AUTH0_DOMAIN` | the issuer whose tokens are taken |
    /// | `AUTH_AUDIENCE` | `AUTH0_AUDIENCE` | the audience that they must be of |
    /// | `AUTH_TOKEN_PROFILE` | | `rfc9068` (default) or `lenient` |
    /// | `AUTH_INTROSPECTION_CLIENT_ID` | | asks about opaque tokens as this client |
    /// | `AUTH_INTROSPECTION_CLIENT_SECRET` | | its secret |
    /// | `AUTH_API_BASE_URL` | | where the API lives, for its metadata and for DPoP |
    ///
    /// # Errors
    /// [`ConfigError`]: a variable that is missing or wrong, and the fix.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder_from_env()?.build()
    }

    /// Reads the environment as [`ResourceServerConfig::from_env`] does, for more to be set.
    ///
    /// # Errors
    /// As [`ResourceServerConfig::from_env`], for variables that are missing.
    pub fn builder_from_env() -> Result<ResourceServerConfigBuilder, ConfigError> {
        Self::builder_from(|name| std::env::var(name).ok())
    }

    /// Reads variables from `look_up`; an empty one counts as missing.
    ///
    /// # Errors
    /// As [`ResourceServerConfig::builder_from_env`].
    pub fn builder_from(
        look_up: impl Fn(&str) -> Option<String>,
    ) -> Result<ResourceServerConfigBuilder, ConfigError> {
        let get = |name: &str| read_variable(&look_up, name);
        let issuer = get("AUTH_ISSUER").or_else(|| get("AUTH0_DOMAIN"));
        let audience = get("AUTH_AUDIENCE").or_else(|| get("AUTH0_AUDIENCE"));
        let (Some(issuer), Some(audience)) = (&issuer, &audience) else {
            let missing: Vec<_> = [
                ("AUTH_ISSUER", "set it to the issuer whose tokens are taken", issuer.is_none()),
                (
                    "AUTH_AUDIENCE",
                    "set it to the API's identifier, as tokens have it in `aud`",
                    audience.is_none(),
                ),
            ]
            .into_iter()
            .filter_map(|(name, fix, is_missing)| is_missing.then_some((name, fix)))
            .collect();
            return Err(ConfigError::all_missing(&missing));
        };
        let mut trusted = TrustedIssuer::new(&from_domain(issuer.clone()));
        match get("AUTH_TOKEN_PROFILE").as_deref() {
            None | Some("rfc9068") => {}
            Some("lenient") => trusted = trusted.with_profile(TokenProfile::Lenient),
            Some(other) => {
                let fix = "write rfc9068 or lenient";
                return Err(ConfigError::wrong("AUTH_TOKEN_PROFILE", other, "is no profile", fix));
            }
        }
        match (get("AUTH_INTROSPECTION_CLIENT_ID"), get("AUTH_INTROSPECTION_CLIENT_SECRET")) {
            (Some(client_id), Some(secret)) => trusted = trusted.with_introspection(&client_id, secret),
            (None, None) => {}
            (Some(_), None) => {
                let fix = "an issuer answers known clients only (RFC 7662 §2.1)";
                return Err(ConfigError::missing("AUTH_INTROSPECTION_CLIENT_SECRET", fix));
            }
            (None, Some(_)) => {
                let fix = "name the client that the secret is of";
                return Err(ConfigError::missing("AUTH_INTROSPECTION_CLIENT_ID", fix));
            }
        }
        let mut builder = Self::builder(audience.as_str()).add_issuer(trusted);
        if let Some(base_url) = get("AUTH_API_BASE_URL") {
            builder = builder.with_base_url(&base_url);
        }
        Ok(builder)
    }
}
