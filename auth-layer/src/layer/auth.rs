//! The handle of an application's authentication, and the layer made from it.

use std::sync::Arc;

use tower_layer::Layer;

use crate::clock::Timestamp;
use crate::config::{AuthConfig, ConfigError, ResourceServerConfig};
use crate::flow::RelyingParty;
use crate::gate::Parties;
use crate::identifier::{Issuer, Subject};
use crate::layer::service::AuthService;
use crate::ledger::Ledger;
use crate::machine::ClientCredentials;
use crate::provider::FailedAt;
use crate::resource_server::ResourceServer;
use crate::session::{Keeping, SessionStore};

/// An application's authentication: sessions at one OpenID provider, bearer tokens of the issuers that
/// it trusts, or both; its copies share all state.
#[derive(Clone, Debug)]
pub struct Auth {
    parties: Arc<Parties>,
    ledger: Ledger,
    /// None where there is no client, or a public one.
    machine: Option<ClientCredentials>,
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
        Self::set_up(config, Keeping::Alone).await
    }

    /// As [`Auth::discover`], with the sessions in `store` and only their ids in the cookie.
    ///
    /// Any number of instances may share the store: they behave as one. While it gives no answer,
    /// requests with a session get 503.
    ///
    /// # Errors
    /// As [`Auth::discover`].
    pub async fn discover_with_store(
        config: AuthConfig,
        store: impl SessionStore,
    ) -> Result<Self, ConfigError> {
        Self::set_up(config, Keeping::Store(Arc::new(store))).await
    }

    /// As [`Auth::discover`], for several instances: sessions stay in their cookies, and `store` holds
    /// what the instances share.
    ///
    /// That is who refreshes a session and what came of it, for as long as a browser may come with the
    /// old cookie, and which sessions were logged out. A session is looked up there once in half a second
    /// at most; while the store gives no answer, requests with a session get 503.
    ///
    /// # Errors
    /// As [`Auth::discover`].
    pub async fn discover_with_coordination(
        config: AuthConfig,
        store: impl SessionStore,
    ) -> Result<Self, ConfigError> {
        Self::set_up(config, Keeping::Cookies(Arc::new(store))).await
    }

    /// Waits until no refresh, login or logout is under way, whatever became of the requests that began
    /// them.
    ///
    /// To be awaited after the server has stopped and before the runtime does: what a refresh brought is
    /// saved by then, and what the ledger counted is in the store. It takes as long as the provider's timeout at most, and longer only while the
    /// session store is away, since what it has to take is tried again until it does.
    ///
    /// # Cancellation
    /// May be dropped at any time, as by a timeout; what is under way goes on.
    pub async fn drain(&self) {
        if let Some(party) = &self.parties.relying_party {
            party.tasks.close();
            party.tasks.wait().await;
        }
        if let Err(error) = self.ledger.bring().await {
            tracing::warn!(%error, "the ledger's last counts did not get into the session store");
        }
    }

    /// Sets up an API that takes bearer tokens and knows no session (RFC 6750, RFC 9068).
    ///
    /// The keys of each issuer are fetched at once, and fetched again ahead of need for as long as the
    /// returned value or one of its layers lives. An issuer that gives no answer does not stop the
    /// start: until its keys are there, its tokens get 503.
    ///
    /// # Errors
    /// [`ConfigError`] where the configuration cannot work: so does an issuer whose metadata names
    /// another one.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn resource_server(config: ResourceServerConfig) -> Result<Self, ConfigError> {
        let clock = config.clock.clone();
        let server = ResourceServer::start(config).await?;
        let parties = Parties { relying_party: None, resource_server: Some(Arc::new(server)) };
        Ok(Self { parties: Arc::new(parties), ledger: Ledger::new(clock, None, None), machine: None })
    }

    async fn set_up(mut config: AuthConfig, keeping: Keeping) -> Result<Self, ConfigError> {
        let resource_server = config.resource_server.take();
        let party = RelyingParty::new(config, keeping)?;
        tracing::info!(
            redirect_uri = party.redirect_uri(),
            backchannel_logout_uri = party.backchannel_logout_uri(),
            "register these addresses at the provider"
        );
        match party.provider.metadata().await {
            Err(error) if error.stage() == FailedAt::Issuer => return Err(ConfigError::issuer(error.why())),
            Err(error) => {
                tracing::warn!(%error, "the provider was not discovered at the start: it will be when it is needed");
            }
            Ok(_) => {}
        }
        let resource_server = match resource_server {
            Some(config) => Some(Arc::new(ResourceServer::start(config).await?)),
            None => None,
        };
        let ledger = party.ledger.clone();
        let machine = party.machine().map(ClientCredentials::of);
        let parties = Parties { relying_party: Some(Arc::new(party)), resource_server };
        Ok(Self { parties: Arc::new(parties), ledger, machine })
    }

    /// Returns the layer; put it around every route that asks for a session or a token.
    pub fn layer(&self) -> AuthLayer {
        AuthLayer { parties: Arc::clone(&self.parties) }
    }

    /// The client, where there is one.
    pub(super) fn relying_party(&self) -> Option<&RelyingParty> {
        self.parties.relying_party.as_deref()
    }

    pub(crate) const fn parties(&self) -> &Arc<Parties> {
        &self.parties
    }

    /// Refuses a bearer token from now on, until it would have ended by itself; see
    /// [`AccessToken::token_id`](crate::AccessToken::token_id).
    ///
    /// Of this process: each instance of a fleet has to be told. Does nothing where no bearer tokens
    /// are taken. 100,000 are remembered, those that end first are forgotten first.
    pub fn revoke_token(&self, issuer: &Issuer, token_id: &str, expires_at: Timestamp) {
        if let Some(server) = &self.parties.resource_server {
            server.revoke_token(issuer, token_id, expires_at);
        }
    }

    /// Refuses every bearer token of a subject that was issued before now, for `lifetime`: choose the
    /// longest that one of its tokens may live.
    ///
    /// As [`Auth::revoke_token`], of this process. A token that does not say when it was issued counts
    /// as issued before. Tokens of the same second are refused as well.
    pub fn revoke_subject(&self, issuer: &Issuer, subject: &Subject, lifetime: std::time::Duration) {
        if let Some(server) = &self.parties.resource_server {
            server.revoke_subject(issuer, subject, lifetime);
        }
    }

    /// Returns what gets tokens for the application itself, with the client that its users log in with.
    ///
    /// Its exchanges are in this [`Auth::ledger`]; where a store is shared, its tokens are too.
    ///
    /// # Errors
    /// [`ConfigError`] where there is no client that could: a public one has no secret, and an API that takes
    /// bearer tokens alone has none at all.
    pub fn client_credentials(&self) -> Result<&ClientCredentials, ConfigError> {
        self.machine.as_ref().ok_or_else(ConfigError::no_confidential_client)
    }

    /// Returns the count of token exchanges.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

/// Puts [`AuthService`] around a service, which has to be `Clone` as axum's and tonic's are; see [`Auth::layer`] and the [module docs](crate::layer).
///
/// The requests' body has to be an `http_body::Body` that is `Send` and `'static`, of any data and error.
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthLayer {
    parties: Arc<Parties>,
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService::new(inner, Arc::clone(&self.parties))
    }
}
