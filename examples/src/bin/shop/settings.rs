//! What the environment says: where to listen, and which provider to log in at.
//!
//! | variable | what |
//! |---|---|
//! | `APP_LISTEN` | the address to listen on; default `127.0.0.1:3000`, port 0 is a free one |
//! | `AUTH_ISSUER` or `AUTH0_DOMAIN` | a provider of yours, with the variables of `AuthConfig::from_env` |
//! | `AUTH_BASE_URL` | default: the address that is listened on |
//! | `AUTH_SESSION_KEYS` | default: a new one, so that a restart logs everybody out |
//! | `AUTH_AUDIENCE`, `AUTH_SCOPES` | default: the products API and its scopes |
//! | `API_INTROSPECTION_URL`, `API_CLIENT_ID`, `API_CLIENT_SECRET` | how the products API asks your provider about tokens (RFC 7662); without them the products are kept in this process, behind `#[require_auth]` |

use std::env;

use crate::api::Introspection;
use crate::error::StartError;

/// How this run of the shop is set up.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) listen: String,
    pub(crate) provider: Provider,
}

/// Where users log in.
#[derive(Clone)]
pub(crate) enum Provider {
    /// At the embedded provider, with Ada, Bob and Carol.
    Embedded,
    /// At the provider that the environment names.
    Configured { issuer: String, introspection: Option<Introspection> },
}

impl Settings {
    pub(crate) fn from_environment() -> Result<Self, StartError> {
        let listen = read("APP_LISTEN").unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        let provider = match read("AUTH_ISSUER").or_else(|| read("AUTH0_DOMAIN")) {
            None => Provider::Embedded,
            Some(issuer) => Provider::Configured { issuer, introspection: introspection()? },
        };
        Ok(Self { listen, provider })
    }

    /// Returns settings for a run on free ports that no variable touches.
    pub(crate) fn ephemeral() -> Self {
        Self { listen: "127.0.0.1:0".to_owned(), provider: Provider::Embedded }
    }
}

fn introspection() -> Result<Option<Introspection>, StartError> {
    let Some(endpoint) = read("API_INTROSPECTION_URL") else { return Ok(None) };
    let why = "API_INTROSPECTION_URL needs it, since a provider answers known clients only";
    let need = |name| read(name).ok_or(StartError::Missing(name, why));
    let (client_id, client_secret) = (need("API_CLIENT_ID")?, need("API_CLIENT_SECRET")?);
    Ok(Some(Introspection { endpoint, client_id, client_secret }))
}

/// Returns a variable; an empty one counts as missing.
pub(crate) fn read(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
