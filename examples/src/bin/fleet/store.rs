//! The store that the instances share: a Redis or a PostgreSQL, by its address.

use auth_layer::session::{PostgresStore, RedisStore};
use auth_layer::{Auth, AuthConfig};

use crate::Failure;
use crate::process::Redis;
use crate::settings::Sessions;

/// The store, and the server that was started for it.
pub(crate) struct Store {
    url: String,
    _server: Option<Redis>,
}

impl Store {
    /// The store of `FLEET_STORE`, or a Redis that is started.
    pub(crate) async fn open() -> Result<Self, Failure> {
        let store = match std::env::var(VARIABLE) {
            Ok(url) if !url.is_empty() => Self { url, _server: None },
            _ => {
                let server = Redis::start().await?;
                Self { url: server.url(), _server: Some(server) }
            }
        };
        if is_postgres(&store.url) {
            PostgresStore::builder(&store.url)?.migrate().await?;
        }
        Ok(store)
    }

    pub(crate) const fn url(&self) -> &String {
        &self.url
    }

    /// What it is, without its address, which may hold a password.
    pub(crate) fn name(&self) -> &'static str {
        if is_postgres(&self.url) { "PostgreSQL" } else { "Redis" }
    }
}

/// Sets an instance up on the store of this address.
pub(crate) async fn discover(url: &str, sessions: Sessions, config: AuthConfig) -> Result<Auth, Failure> {
    Ok(match (is_postgres(url), sessions) {
        (true, Sessions::Store) => Auth::discover_with_store(config, postgres(url).await?).await?,
        (true, Sessions::Cookies) => Auth::discover_with_coordination(config, postgres(url).await?).await?,
        (false, Sessions::Store) => Auth::discover_with_store(config, redis(url).await?).await?,
        (false, Sessions::Cookies) => Auth::discover_with_coordination(config, redis(url).await?).await?,
    })
}

async fn postgres(url: &str) -> Result<PostgresStore, Failure> {
    Ok(PostgresStore::builder(url)?.connect().await?)
}

async fn redis(url: &str) -> Result<RedisStore, Failure> {
    Ok(RedisStore::builder(url).with_prefix("fleet:").connect().await?)
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres")
}

/// Where the address of the store is.
pub(crate) const VARIABLE: &str = "FLEET_STORE";
