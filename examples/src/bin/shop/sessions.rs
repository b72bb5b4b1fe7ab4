//! Where sessions are kept, and what several shops share.

use auth_layer::session::{PostgresStore, RedisStore, SessionStore};
use auth_layer::{Auth, AuthConfig};

use crate::error::StartError;

/// Where sessions are kept.
#[derive(Clone, Debug, Default)]
pub(crate) enum Sessions {
    /// In cookies, and this shop is the only one.
    #[default]
    Alone,
    /// In cookies; this store holds what several shops share.
    Cookies(StoreUrl),
    /// In this store.
    Stored(StoreUrl),
}

/// The address of a store; it may hold a password.
#[derive(Clone)]
pub(crate) struct StoreUrl(String);

impl StoreUrl {
    pub(crate) fn new(url: String) -> Self {
        Self(url)
    }
}

impl std::fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreUrl(..)")
    }
}

impl Sessions {
    /// Sets authentication up on them.
    pub(crate) async fn discover(self, config: AuthConfig) -> Result<Auth, StartError> {
        match &self {
            Self::Alone => Ok(Auth::discover(config).await?),
            Self::Cookies(url) | Self::Stored(url) if url.0.starts_with("postgres") => {
                let builder = PostgresStore::builder(&url.0).map_err(StartError::store)?;
                builder.migrate().await.map_err(StartError::store)?;
                self.discover_on(config, builder.connect().await.map_err(StartError::store)?).await
            }
            Self::Cookies(url) | Self::Stored(url) => {
                let store = RedisStore::builder(&url.0).with_prefix("shop:").connect().await;
                self.discover_on(config, store.map_err(StartError::store)?).await
            }
        }
    }

    async fn discover_on(&self, config: AuthConfig, store: impl SessionStore) -> Result<Auth, StartError> {
        Ok(match self {
            Self::Cookies(_) => Auth::discover_with_coordination(config, store).await?,
            Self::Alone | Self::Stored(_) => Auth::discover_with_store(config, store).await?,
        })
    }
}
