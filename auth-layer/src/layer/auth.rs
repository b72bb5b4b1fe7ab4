//! The handle of an application's authentication, and the layer made from it.

use std::sync::Arc;

use tower_layer::Layer;

use crate::config::{AuthConfig, ConfigError};
use crate::flow::RelyingParty;
use crate::layer::service::AuthService;
use crate::ledger::Ledger;
use crate::provider::FailedAt;
use crate::session::SessionStore;

/// An application's authentication at one OpenID provider; its copies share all state.
#[derive(Clone, Debug)]
pub struct Auth {
    party: Arc<RelyingParty>,
}

impl Auth {
    /// Sets up authentication, and asks the provider for its metadata (OpenID Connect Discovery §4).
    ///
    /// A provider that gives no answer does not stop the start: it is asked again when it is needed,
    /// and until then `/auth/login` answers 503.
    ///
    /// # Errors
    /// [`ConfigError`] where the configuration cannot work: so does a provider whose metadata names
    /// another issuer (Discovery §4.3).
    pub async fn discover(config: AuthConfig) -> Result<Self, ConfigError> {
        Self::set_up(RelyingParty::new(config, None)?).await
    }

    /// As [`Auth::discover`], with the sessions in `store` and only their ids in the cookie.
    ///
    /// # Errors
    /// As [`Auth::discover`].
    pub async fn discover_with_store(
        config: AuthConfig,
        store: impl SessionStore,
    ) -> Result<Self, ConfigError> {
        Self::set_up(RelyingParty::new(config, Some(Arc::new(store)))?).await
    }

    async fn set_up(party: RelyingParty) -> Result<Self, ConfigError> {
        tracing::info!(redirect_uri = party.redirect_uri(), "register this redirect URI at the provider");
        match party.provider.metadata().await {
            Err(error) if error.stage() == FailedAt::Issuer => return Err(ConfigError::issuer(error.why())),
            Err(error) => {
                tracing::warn!(%error, "the provider was not discovered at the start: it will be when it is needed");
            }
            Ok(_) => {}
        }
        Ok(Self { party: Arc::new(party) })
    }

    /// Returns the layer; put it around every route that asks for a session.
    pub fn layer(&self) -> AuthLayer {
        AuthLayer { party: Arc::clone(&self.party) }
    }

    #[cfg(feature = "testing")]
    pub(crate) const fn party(&self) -> &Arc<RelyingParty> {
        &self.party
    }

    /// Returns the count of token exchanges.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.party.ledger
    }
}

/// Puts [`AuthService`] around a service, which has to be `Clone` as axum's and tonic's are; see [`Auth::layer`] and the [module docs](crate::layer).
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthLayer {
    party: Arc<RelyingParty>,
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService::new(inner, Arc::clone(&self.party))
    }
}
