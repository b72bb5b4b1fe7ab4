//! One client with what all its machine tokens share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use serde_json::json;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::claim_path::{ClaimPaths, ClaimTerms};
use crate::clock::Clock;
use crate::config::MachinePolicy;
use crate::fleet::{Fleet, Missed};
use crate::identifier::{Audience, ClientId, Issuer};
use crate::ledger::{Ledger, Limit, SetBy};
use crate::machine::budget::PERIODS;
use crate::machine::decide::renewal_of;
use crate::machine::keeper::{BudgetKeeper, SharedBudget};
use crate::machine::shared::Want;
use crate::machine::slot::{Entered, Held, Outcome, Parameters, Slot, Ticket};
use crate::provider::{Provider, QuotaNews};
use crate::session::{BoundedStore, Purpose, SharedKind};
use crate::token::{IssuedToken, OwnToken, RefreshKey};

/// A client at a provider, and the tokens that it got for itself.
pub(crate) struct Client {
    pub(super) issuer: Issuer,
    pub(super) client_id: ClientId,
    pub(super) default_audience: Option<Audience>,
    pub(super) provider: Provider,
    pub(super) ledger: Ledger,
    pub(super) budget: BudgetKeeper,
    pub(super) fleet: Option<Fleet>,
    pub(super) clock: Clock,
    pub(super) renewal_before: Duration,
    pub(super) tasks: TaskTracker,
    slots: Cache<Parameters, Arc<Slot>>,
    terms: Arc<ClaimTerms>,
}

/// What a [`Client`] is made of.
pub(crate) struct ClientParts {
    pub(crate) provider: Provider,
    pub(crate) default_audience: Option<Audience>,
    pub(crate) policy: MachinePolicy,
    pub(crate) ledger: Ledger,
    pub(crate) store: Option<BoundedStore>,
    pub(crate) tasks: TaskTracker,
}

impl Client {
    pub(super) fn new(parts: ClientParts) -> Self {
        let settings = parts.provider.settings();
        let (issuer, client_id, clock) =
            (settings.issuer.clone(), settings.client_id.clone(), settings.clock.clone());
        for period in PERIODS {
            if let Some(tokens) = parts.policy.budget.limit(period) {
                let client = client_id.clone();
                parts.ledger.expect(Limit { client, period, tokens, set_by: SetBy::Budget });
            }
        }
        // JSON, so that no two pairs read alike.
        let whose = json!([issuer.as_str(), client_id.as_str()]).to_string();
        let shared = parts.store.as_ref().map(|store| SharedBudget {
            store: Arc::new(store.clone()),
            name: format!("b:{}", URL_SAFE_NO_PAD.encode(&digest(&SHA256, whose.as_bytes()).as_ref()[..18])),
        });
        let fleet = parts.store.map(|store| {
            let timing = (parts.policy.lease, parts.policy.wait);
            Fleet::new(SharedKind::Machine, store, Purpose::new(&whose), timing, clock.clone())
        });
        let skew = settings.skew;
        let terms = ClaimTerms { paths: ClaimPaths::default(), clock: clock.clone(), skew };
        Self {
            renewal_before: parts.policy.renewal_before,
            budget: BudgetKeeper::new(parts.policy, clock.clone(), shared),
            slots: Cache::builder().max_capacity(MAX_SLOTS).eviction_policy(EvictionPolicy::lru()).build(),
            terms: Arc::new(terms),
            issuer,
            client_id,
            default_audience: parts.default_audience,
            provider: parts.provider,
            ledger: parts.ledger,
            fleet,
            clock,
            tasks: parts.tasks,
        }
    }

    /// The place of the token for some parameters, the same for all who ask.
    pub(super) fn slot(&self, parameters: Parameters) -> Arc<Slot> {
        self.slots
            .get_with_by_ref(&parameters, || Arc::new(Slot::new(parameters.clone(), self.key(&parameters))))
    }

    /// Returns a living token, at once where there is one.
    ///
    /// # Cancellation
    /// May be dropped at any time: what was asked of the provider is kept for the next who calls.
    pub(super) async fn token(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        instead_of: Option<&Arc<OwnToken>>,
    ) -> Outcome {
        match slot.enter(instead_of, self.clock.now()) {
            Entered::Serve(token) => Ok(token),
            Entered::ServeAndLead(token, ticket) => {
                self.depart(ticket);
                Ok(token)
            }
            Entered::Lead(ticket, flight) => {
                self.depart(ticket);
                flight.outcome().await
            }
            Entered::Join(flight) => flight.outcome().await,
            Entered::Refused(error) => Err(error),
        }
    }

    /// In a task of its own, so that a caller who goes away takes nothing with them.
    fn depart(self: &Arc<Self>, ticket: Ticket) {
        let client = Arc::clone(self);
        let flying = async move { client.fly(ticket).await };
        self.tasks.spawn(flying.instrument(tracing::info_span!("machine_token")));
    }

    async fn fly(&self, ticket: Ticket) {
        let slot = Arc::clone(&ticket.slot);
        let (instead_of, attempt) = (ticket.instead_of.as_ref(), ticket.attempt());
        let is_served = |held: Arc<OwnToken>| held.issued.is_living(self.clock.now());
        let is_waited_for = instead_of.is_some() || !slot.held().is_some_and(is_served);
        match (Want { client: self, slot: &slot, instead_of, attempt, is_waited_for }).obtain().await {
            Ok(token) => ticket.bring(self.held(token)),
            Err(Missed { error, living }) => {
                let held_here = slot.held();
                let is_later = |token: &Arc<IssuedToken>| {
                    held_here.as_ref().is_none_or(|held| held.issued.expires_at < token.expires_at)
                };
                let living = living.filter(is_later).map(|token| self.held(token));
                ticket.fail(error, living, self.clock.now());
            }
        }
    }

    fn held(&self, token: Arc<IssuedToken>) -> Held {
        let renew_at = renewal_of(&token, self.renewal_before);
        let (issuer, client, terms) = (self.issuer.clone(), self.client_id.clone(), Arc::clone(&self.terms));
        Held { token: Arc::new(OwnToken::of_client(token, issuer, client, terms)), renew_at }
    }

    /// Deliberately with the secret: the token is sealed in a store with a key that is derived from this one.
    fn key(&self, parameters: &Parameters) -> RefreshKey {
        let of = |present: Option<&str>| if present.is_some() { "some" } else { "none" };
        let audience = parameters.audience.as_ref().map(Audience::as_str);
        let organization = parameters.organization.as_ref().map(crate::identifier::Organization::as_str);
        RefreshKey::of_machine_token([
            self.provider.settings().client_authentication.secret(),
            self.issuer.as_str(),
            self.client_id.as_str(),
            of(audience),
            audience.unwrap_or_default(),
            parameters.scopes.as_str(),
            of(organization),
            organization.unwrap_or_default(),
        ])
    }

    /// Notes the provider's limits, for the forecast.
    pub(super) fn note_quota(&self, news: &QuotaNews) {
        for bucket in &news.client {
            if let (Some(period), Some(tokens)) = (bucket.period(), bucket.limit) {
                let client = self.client_id.clone();
                self.ledger.expect(Limit { client, period, tokens, set_by: SetBy::Provider });
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

/// Audiences, scopes and organizations together; those that were not asked for the longest go first.
const MAX_SLOTS: u64 = 10_000;
