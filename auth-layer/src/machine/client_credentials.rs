//! The handle of a client that gets tokens for itself.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::{ClientCredentialsConfig, ConfigError};
use crate::identifier::{Audience, Organization};
use crate::ledger::Ledger;
use crate::machine::client::{Client, ClientParts};
use crate::machine::error::MachineTokenError;
use crate::machine::future::MachineTokenFuture;
use crate::machine::quota::{QuotaBucket, buckets};
use crate::machine::request::MachineTokenRequest;
use crate::machine::slot::{Parameters, Slot};
use crate::machine::tokens::MachineTokens;
use crate::period::Period;
use crate::provider::{FailedAt, Provider, ProviderSettings};
use crate::scope::ScopeSet;
use crate::session::{BoundedStore, SessionStore};
use crate::token::{AccessToken, NoRequirement, TokenType, rule_of};

/// A client's credentials, as access tokens for itself (RFC 6749 §4.4); its copies share all tokens.
///
/// See the [module docs](crate::machine).
#[derive(Clone)]
pub struct ClientCredentials {
    client: Arc<Client>,
    organization: Option<Organization>,
    /// The places that types have led to before.
    typed: Arc<ArcSwap<Typed>>,
}

impl ClientCredentials {
    /// Sets up a client that is alone, and asks the provider for its metadata (OpenID Connect Discovery §4).
    ///
    /// A provider that gives no answer does not stop the start: it is asked again when a token is.
    ///
    /// # Errors
    /// [`ConfigError`] where the configuration cannot work: so does a provider whose metadata names another
    /// issuer.
    pub async fn discover(config: ClientCredentialsConfig) -> Result<Self, ConfigError> {
        Self::set_up(config, None).await
    }

    /// As [`ClientCredentials::discover`], for a client that several instances are: `store` holds the tokens,
    /// sealed with a key that is derived from the client's secret, and the budget and the ledger.
    ///
    /// One of all instances asks the provider. While the store is away each asks for itself.
    ///
    /// # Errors
    /// As [`ClientCredentials::discover`].
    pub async fn discover_with_store(
        config: ClientCredentialsConfig,
        store: impl SessionStore,
    ) -> Result<Self, ConfigError> {
        Self::set_up(config, Some(BoundedStore::new(Arc::new(store)))).await
    }

    async fn set_up(
        config: ClientCredentialsConfig,
        store: Option<BoundedStore>,
    ) -> Result<Self, ConfigError> {
        let provider = Provider::new(ProviderSettings {
            issuer: config.issuer,
            client_id: config.client_id,
            client_authentication: config.client_authentication,
            audience_parameter: config.audience_parameter,
            connect_timeout: config.connect_timeout,
            timeout: config.timeout,
            skew: std::time::Duration::ZERO,
            clock: config.clock.clone(),
        })
        .map_err(|_| ConfigError::http_client())?;
        match provider.metadata().await {
            Err(error) if error.stage() == FailedAt::Issuer => return Err(ConfigError::issuer(error.why())),
            Err(error) => {
                tracing::warn!(%error, "the provider was not discovered at the start: it will be when it is needed");
            }
            Ok(_) => {}
        }
        let shared = store.clone().map(|store| Arc::new(store) as Arc<dyn SessionStore>);
        let ledger = Ledger::new(config.clock, Some(&provider.settings().issuer), shared);
        if let Some(store) = &store {
            store.watch();
        }
        Ok(Self::of(ClientParts {
            provider,
            default_audience: config.audience,
            policy: config.policy,
            ledger,
            store,
            tasks: TaskTracker::new(),
        }))
    }

    pub(crate) fn of(parts: ClientParts) -> Self {
        Self { client: Arc::new(Client::new(parts)), organization: None, typed: Arc::default() }
    }

    /// Returns the same client for one organization: its tokens are asked for with `organization`, and shared
    /// with no other.
    #[must_use]
    pub fn for_organization(&self, organization: impl Into<Organization>) -> Self {
        let organization = Some(organization.into());
        Self { client: Arc::clone(&self.client), organization, typed: Arc::default() }
    }

    /// Returns a living token with the scopes that `R` requires, for the API that declares them.
    ///
    /// `R` is a struct under `#[require_auth(scopes = [..])]`.
    ///
    /// # Errors
    /// As [`MachineTokens::token`].
    ///
    /// # Cancellation
    /// As [`MachineTokens::token`].
    pub fn token<R: TokenType>(&self) -> MachineTokenFuture<R> {
        // At hand without a copy of anything but the token.
        let typed = self.typed.load();
        let fresh = slot_of::<R>(&typed).and_then(|slot| slot.fresh(&self.client.clock));
        fresh.map_or_else(|| self.tokens::<R>().into_token(), MachineTokenFuture::at_hand)
    }

    /// Returns the tokens with the scopes that `R` requires, to be kept where they are needed often.
    #[must_use]
    pub fn tokens<R: TokenType>(&self) -> MachineTokens<R> {
        const {
            assert!(
                R::RULE.is_of_scopes_alone(),
                "a machine's token is asked for by scopes and an audience: leave out any_scopes, permissions, roles, acr, max_age, organization and user"
            );
        }
        if let Some(slot) = slot_of::<R>(&self.typed.load()) {
            return MachineTokens::new(Arc::clone(&self.client), Arc::clone(slot));
        }
        let rule = rule_of::<R>();
        let slot = self.client.slot(Parameters {
            audience: rule.audience().or_else(|| self.client.default_audience.clone()),
            scopes: rule.scopes().iter().copied().collect::<ScopeSet>(),
            organization: self.organization.clone(),
        });
        self.typed.rcu(|known| {
            let mut known = Vec::clone(known);
            if let Err(place) = known.binary_search_by_key(&TypeId::of::<R>(), |(of, _)| *of) {
                known.insert(place, (TypeId::of::<R>(), Arc::clone(&slot)));
            }
            known
        });
        MachineTokens::new(Arc::clone(&self.client), slot)
    }

    /// Returns a living token of what `request` says, whose type grants no scope.
    ///
    /// # Errors
    /// As [`MachineTokens::token`].
    ///
    /// # Cancellation
    /// As [`MachineTokens::token`].
    pub async fn token_with(&self, request: MachineTokenRequest) -> Result<AccessToken, MachineTokenError> {
        self.tokens_with(request).token().await
    }

    /// Returns the tokens of what `request` says, to be kept where they are needed often.
    #[must_use]
    pub fn tokens_with(&self, request: MachineTokenRequest) -> MachineTokens<NoRequirement> {
        let parameters =
            request.parameters(self.client.default_audience.as_ref(), self.organization.as_ref());
        MachineTokens::new(Arc::clone(&self.client), self.client.slot(parameters))
    }

    /// Returns the audience that tokens are for where none is said.
    #[must_use]
    pub fn default_audience(&self) -> Option<&Audience> {
        self.client.default_audience.as_ref()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.client.clock
    }

    /// Returns the count of token exchanges.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.client.ledger
    }

    /// Returns what the provider last said of its quota, with whichever token; nothing where it says nothing.
    ///
    /// An answer without such headers leaves it as it was. Where there is a session store, each instance has what it
    /// was told itself.
    #[must_use]
    pub fn quota(&self) -> Vec<QuotaBucket> {
        buckets(self.client.budget.news())
    }

    /// Returns how many tokens were taken from the budget in the present hour, day or month of UTC; of all
    /// instances, as this one last saw it.
    #[must_use]
    pub fn budget_used(&self, period: Period) -> u64 {
        self.client.budget.used(period)
    }

    /// Waits until nothing is being asked of the provider, and the ledger's counts are in the store.
    ///
    /// # Cancellation
    /// May be dropped at any time, as by a timeout; what is under way goes on.
    pub async fn drain(&self) {
        self.client.tasks.close();
        self.client.tasks.wait().await;
        if let Err(error) = self.client.ledger.bring().await {
            tracing::warn!(%error, "the ledger's last counts did not get into the session store");
        }
    }
}

/// The places of the types that were asked for, in the order of the types: no hash is computed to find one.
type Typed = Vec<(TypeId, Arc<Slot>)>;

fn slot_of<R: 'static>(typed: &Typed) -> Option<&Arc<Slot>> {
    let place = typed.binary_search_by_key(&TypeId::of::<R>(), |(of, _)| *of).ok()?;
    Some(&typed[place].1)
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("client", &self.client)
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}
