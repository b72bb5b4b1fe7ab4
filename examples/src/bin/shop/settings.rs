//! What the environment says: where to listen, and which provider to log in at.
//!
//! | variable | what |
//! |---|---|
//! | `APP_LISTEN` | the address to listen on; default `127.0.0.1:3000`, port 0 is a free one |
//! | `AUTH_ISSUER` or `AUTH0_DOMAIN` | a provider of yours, with the variables of `AuthConfig::from_env` |
//! | `AUTH_BASE_URL` | default: the address that is listened on |
//! | `AUTH_SESSION_KEYS` | default: a new one, so that a restart logs everybody out |
//! | `AUTH_AUDIENCE`, `AUTH_SCOPES` | default: the products API and its scopes |
//! | `SHOP_WORKER` | how many seconds the worker pauses, or `off`; default 15 at the embedded provider, `off` at yours, whose M2M quota its tokens cost |
//! | `SHOP_STORE` | `redis://..` or `postgres://..`: several shops share it and behave as one, with one `AUTH_BASE_URL` and the same `AUTH_SESSION_KEYS` |
//! | `SHOP_SESSIONS` | `store` (default) or `cookies`: where the sessions are, where there is a store |
//! | `API_TOKEN_PROFILE` | `rfc9068` or `lenient`: the products API is a server of its own, and takes your provider's tokens; without it the products are kept in this process, behind `#[require_auth]` |
//! | `API_CLIENT_ID`, `API_CLIENT_SECRET` | as whom the API asks your provider about tokens that are no JWTs (RFC 7662) |

use std::env;
use std::time::Duration;

use auth_layer::Auth;
use auth_layer::config::{TokenProfile, TrustedIssuer};

use crate::backend::Backend;
use crate::error::StartError;
use crate::sessions::{Sessions, StoreUrl};
use crate::worker::Worker;

/// How this run of the shop is set up.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) listen: String,
    pub(crate) provider: Provider,
    pub(crate) sessions: Sessions,
    pub(crate) worker: WorkerSettings,
}

/// Where users log in.
#[derive(Clone)]
pub(crate) enum Provider {
    /// At the embedded provider, with Ada, Bob and Carol.
    Embedded,
    /// At the provider that the environment names.
    Configured {
        issuer: String,
        /// Whose tokens the products API takes, where it is a server of its own.
        trusted: Box<Option<TrustedIssuer>>,
    },
}

impl Settings {
    pub(crate) fn from_environment() -> Result<Self, StartError> {
        let listen = read("APP_LISTEN").unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        let provider = match read("AUTH_ISSUER").or_else(|| read("AUTH0_DOMAIN")) {
            None => Provider::Embedded,
            Some(issuer) => {
                let trusted = Box::new(trusted(&issuer)?);
                Provider::Configured { issuer, trusted }
            }
        };
        let worker = WorkerSettings::from_environment(matches!(provider, Provider::Embedded))?;
        Ok(Self { listen, provider, sessions: sessions()?, worker })
    }

    /// Returns settings for a run on free ports that no variable touches.
    pub(crate) fn ephemeral() -> Self {
        let sessions = Sessions::default();
        let (listen, worker) = ("127.0.0.1:0".to_owned(), WorkerSettings::OnDemand);
        Self { listen, provider: Provider::Embedded, sessions, worker }
    }
}

/// When the worker runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkerSettings {
    Off,
    /// When it is told to.
    OnDemand,
    /// And after each pause.
    Every(Duration),
}

impl WorkerSettings {
    fn from_environment(is_embedded: bool) -> Result<Self, StartError> {
        match read("SHOP_WORKER").as_deref() {
            None if is_embedded => Ok(Self::Every(Duration::from_secs(15))),
            None | Some("off") => Ok(Self::Off),
            Some(seconds) => match seconds.parse() {
                Ok(seconds @ 1..) => Ok(Self::Every(Duration::from_secs(seconds))),
                _ => Err(StartError::Missing("SHOP_WORKER", "write a number of seconds, or off")),
            },
        }
    }

    /// The worker, if there is to be one.
    pub(crate) fn worker(self, auth: &Auth, backend: &Backend) -> Result<Option<Worker>, StartError> {
        match self {
            Self::Off => Ok(None),
            Self::OnDemand | Self::Every(_) => {
                Ok(Some(Worker::new(auth.client_credentials()?, backend.clone())))
            }
        }
    }

    pub(crate) const fn pause(self) -> Option<Duration> {
        match self {
            Self::Every(pause) => Some(pause),
            Self::Off | Self::OnDemand => None,
        }
    }
}

fn sessions() -> Result<Sessions, StartError> {
    let Some(url) = read("SHOP_STORE").map(StoreUrl::new) else { return Ok(Sessions::Alone) };
    match read("SHOP_SESSIONS").as_deref() {
        None | Some("store") => Ok(Sessions::Stored(url)),
        Some("cookies") => Ok(Sessions::Cookies(url)),
        Some(_) => Err(StartError::Missing("SHOP_SESSIONS", "write store or cookies")),
    }
}

fn trusted(issuer: &str) -> Result<Option<TrustedIssuer>, StartError> {
    let profile = match read("API_TOKEN_PROFILE").as_deref() {
        None => return Ok(None),
        Some("rfc9068") => TokenProfile::Rfc9068,
        Some("lenient") => TokenProfile::Lenient,
        Some(_) => return Err(StartError::Missing("API_TOKEN_PROFILE", "write rfc9068 or lenient")),
    };
    let trusted = TrustedIssuer::new(issuer).with_profile(profile);
    let Some(client_id) = read("API_CLIENT_ID") else { return Ok(Some(trusted)) };
    let why = "API_CLIENT_ID needs it, since a provider answers known clients only";
    let secret = read("API_CLIENT_SECRET").ok_or(StartError::Missing("API_CLIENT_SECRET", why))?;
    Ok(Some(trusted.with_introspection(&client_id, secret)))
}

/// Returns a variable; an empty one counts as missing.
pub(crate) fn read(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
