//! The configuration of a resource server from the environment.

use crate::config::environment::{
    RequiredVariable, from_domain, read_required, read_variable, warn_of_unknown,
};
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
    /// [`ConfigError`]: all variables that are missing, or one that is wrong, and the fix.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder_from_env()?.build()
    }

    /// Reads the environment as [`ResourceServerConfig::from_env`] does, for more to be set.
    ///
    /// # Errors
    /// As [`ResourceServerConfig::from_env`], for variables that are missing.
    pub fn builder_from_env() -> Result<ResourceServerConfigBuilder, ConfigError> {
        warn_of_unknown();
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
        let asks = (get(ASKS_AS.0), get(ASKS_WITH.0));
        let half = match &asks {
            (Some(_), None) => Some(ASKS_WITH),
            (None, Some(_)) => Some(ASKS_AS),
            _ => None,
        };
        let [issuer, audience] = read_required(&look_up, REQUIRED, half)?;
        let mut trusted = TrustedIssuer::new(&from_domain(issuer));
        match get("AUTH_TOKEN_PROFILE").as_deref() {
            None | Some("rfc9068") => {}
            Some("lenient") => trusted = trusted.with_profile(TokenProfile::Lenient),
            Some(other) => {
                let fix = "write rfc9068 or lenient";
                return Err(ConfigError::wrong("AUTH_TOKEN_PROFILE", other, "is no profile", fix));
            }
        }
        if let (Some(client_id), Some(secret)) = asks {
            trusted = trusted.with_introspection(&client_id, secret);
        }
        let mut builder = Self::builder(audience).add_issuer(trusted);
        if let Some(base_url) = get("AUTH_API_BASE_URL") {
            builder = builder.with_base_url(&base_url);
        }
        Ok(builder)
    }
}

const REQUIRED: [RequiredVariable; 2] = [
    ("AUTH_ISSUER", "AUTH0_DOMAIN", "set it to the issuer whose tokens are taken"),
    ("AUTH_AUDIENCE", "AUTH0_AUDIENCE", "set it to the API's identifier, as tokens have it in `aud`"),
];
/// Each of these two is missing where only the other is there.
const ASKS_AS: (&str, &str) = ("AUTH_INTROSPECTION_CLIENT_ID", "name the client that the secret is of");
const ASKS_WITH: (&str, &str) =
    ("AUTH_INTROSPECTION_CLIENT_SECRET", "an issuer answers known clients only (RFC 7662 §2.1)");
