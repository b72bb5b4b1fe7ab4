//! The only place that spends a refresh token, and saves what came of it before anyone sees it.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::clock::{Clock, Timestamp};
use crate::config::AudienceScopes;
use crate::identifier::Audience;
use crate::ledger::{Exchange, Grant, Ledger};
use crate::provider::{Provider, ProviderError, TokenResponse};
use crate::refresh::decide::Wanted;
use crate::refresh::error::{RefreshError, RefreshErrorKind};
use crate::refresh::flights::{Shard, Ticket};
use crate::refresh::lease::Leases;
use crate::refresh::obtain::{BoxFuture, World};
use crate::secret::SecretText;
use crate::session::{Home, SessionRecord, Tombstones};
use crate::token::{IssuedToken, RefreshKey, TokenSet};

/// Refreshes the tokens of one session at the provider.
#[derive(Clone)]
pub(crate) struct Committer {
    pub(crate) provider: Provider,
    pub(crate) ledger: Ledger,
    pub(crate) tombstones: Tombstones,
    /// None where this process is the only one.
    pub(crate) leases: Option<Leases>,
    pub(crate) tasks: TaskTracker,
    pub(crate) clock: Clock,
    pub(crate) buffer: Duration,
    pub(crate) patience: Duration,
    /// The audience that stands behind `None`, as the provider is asked for it.
    pub(crate) default_audience: Option<Audience>,
    pub(crate) audience_scopes: AudienceScopes,
    pub(crate) session: SessionFacts,
}

/// What a flight has to know of its session.
#[derive(Clone)]
pub(crate) struct SessionFacts {
    pub(crate) record: Arc<SessionRecord>,
    pub(crate) home: Home,
    /// When the request that brought it began.
    pub(crate) opened_at: Timestamp,
    /// Until when the browser may come back with what it holds now.
    pub(crate) returns_until: Timestamp,
}

/// What a flight landed with.
pub(super) enum Landed {
    /// A successor that it brought, kept for requests that bring the old set until a moment.
    Brought { tokens: Arc<TokenSet>, until: Timestamp },
    /// The set of another instance that was first.
    Overtaken { tokens: Arc<TokenSet>, until: Timestamp },
    /// Nothing.
    Failed(RefreshError),
}

impl World<std::sync::Mutex<Shard>> for Committer {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn since(&self) -> Timestamp {
        self.session.opened_at
    }

    fn buffer(&self) -> Duration {
        self.buffer
    }

    fn key(&self, set: &TokenSet) -> Option<RefreshKey> {
        set.refresh_token.as_ref().map(|token| self.provider.refresh_key(token))
    }

    fn depart(&self, ticket: Ticket, set: Arc<TokenSet>, wanted: Wanted) {
        let committer = self.clone();
        let span = tracing::info_span!("refresh", audience = wanted.audience.as_ref().map(Audience::as_str));
        self.tasks.spawn(async move { committer.fly(ticket, set, &wanted).await }.instrument(span));
    }

    fn patience(&self) -> BoxFuture<()> {
        let patience = match self.session.home {
            Home::Cookie => self.patience,
            // The store keeps the result: no response has to carry it.
            Home::Store(_) => Duration::ZERO,
        };
        Box::pin(tokio::time::sleep(patience))
    }

    fn served_meanwhile(&self, error: Option<&RefreshError>) {
        #[cfg(feature = "metrics")]
        metrics::counter!("auth_layer_living_token_served_total").increment(1);
        if let Some(error) = error {
            tracing::warn!(%error, "a refresh failed: the living token is served");
        }
    }
}

impl Committer {
    async fn fly(&self, ticket: Ticket, set: Arc<TokenSet>, wanted: &Wanted) {
        let Some(key) = self.key(&set) else {
            return ticket.fail(RefreshError::new(RefreshErrorKind::NoRefreshToken), self.clock.now());
        };
        let landed = match &self.leases {
            None => self.fly_alone(&set, key, wanted).await,
            Some(leases) => self.fly_with_lease(leases, set, key, wanted, ticket.attempt()).await,
        };
        let now = self.clock.now();
        match landed {
            Landed::Brought { tokens, until } => {
                ticket.settle(Arc::clone(&tokens), until, now);
                // A logout that came between the save and the settling found neither the old token
                // to be revoked nor the new one.
                if self.tombstones.has_ended_here(&self.session.record.id) {
                    self.revoke(&tokens).await;
                }
            }
            Landed::Overtaken { tokens, until } => ticket.overtake(tokens, self.asked_again(until, now), now),
            Landed::Failed(error) => ticket.fail(error, now),
        }
    }

    /// Until when this process remembers what it found in a store.
    ///
    /// Only the store knows whether the browser has shown the successor, which it may have done at another
    /// instance: after the grace period it is asked again.
    pub(super) fn asked_again(&self, until: Timestamp, now: Timestamp) -> Timestamp {
        self.leases.as_ref().map_or(until, |leases| until.min(now.plus(leases.grace)))
    }

    /// With nobody else to ask: the result is in this process, and in the response.
    async fn fly_alone(&self, set: &TokenSet, key: RefreshKey, wanted: &Wanted) -> Landed {
        let successor = match self.exchange(set, key, wanted).await {
            Ok(successor) => successor,
            Err(error) => return Landed::Failed(error),
        };
        // A session that was logged out while the provider answered is not brought back.
        if self.tombstones.has_ended_here(&self.session.record.id) {
            self.revoke(&successor).await;
            return Landed::Failed(RefreshError::new(RefreshErrorKind::InvalidGrant));
        }
        Landed::Brought { tokens: successor, until: self.session.returns_until }
    }

    /// Spends the refresh token of a set.
    pub(super) async fn exchange(
        &self,
        set: &TokenSet,
        key: RefreshKey,
        wanted: &Wanted,
    ) -> Result<Arc<TokenSet>, RefreshError> {
        let spent = set.refresh_token.as_ref().ok_or(RefreshError::new(RefreshErrorKind::NoRefreshToken))?;
        let audience = wanted.audience.as_ref().or(self.default_audience.as_ref());
        let scopes = audience.and_then(|audience| self.audience_scopes.of(audience));
        let answer = self.provider.refresh(spent, audience, scopes).await;
        let now = self.clock.now();
        let client = &self.provider.settings().client_id;
        let exchange = Exchange::of(Grant::RefreshToken, client, answer.as_ref().err(), now);
        let organization = self.session.record.user.organization();
        self.ledger.record(&exchange.with_audience(audience).with_organization(organization));
        let response = answer.map_err(|error| refused(&error))?;
        if !self.is_of_this_user(&response).await {
            tracing::error!(
                "the provider answered a refresh with the id token of another user: the session ends"
            );
            return Err(RefreshError::new(RefreshErrorKind::InvalidGrant));
        }
        let held = set.find(wanted.audience.as_ref()).map(|token| token.granted.clone());
        let granted =
            response.scope.or_else(|| scopes.cloned()).or(held).unwrap_or_else(|| set.granted.clone());
        let token = IssuedToken::new(
            response.access_token,
            wanted.audience.clone(),
            granted,
            response.expires_in,
            now,
        );
        Ok(Arc::new(set.succeed(Arc::new(token), response.refresh_token, key, now)))
    }

    pub(super) async fn revoke(&self, tokens: &TokenSet) {
        if let Some(token) = &tokens.refresh_token {
            revoke_quietly(&self.provider, token).await;
        }
    }

    /// OpenID Connect Core §12.2: an id token in a refresh must be of the same subject.
    async fn is_of_this_user(&self, response: &TokenResponse) -> bool {
        let Some(id_token) = &response.id_token else { return true };
        match self.provider.verify_id_token(id_token, None, None, None).await {
            Ok(claims) => claims.subject == *self.session.record.user.subject(),
            Err(error) => {
                // It proves nothing and is not used; the grant itself was answered.
                tracing::warn!(%error, "the id token of a refresh was not accepted");
                true
            }
        }
    }
}

fn refused(error: &ProviderError) -> RefreshError {
    if error.is_final() {
        RefreshError::new(RefreshErrorKind::InvalidGrant)
    } else if error.is_refusal() {
        RefreshError::new(RefreshErrorKind::Refused)
    } else {
        RefreshError::unavailable_after(error.retry_after())
    }
}

/// Revokes a refresh token (RFC 7009); a failure is logged and changes nothing.
pub(crate) async fn revoke_quietly(provider: &Provider, token: &SecretText) {
    if let Err(error) = provider.revoke(token).await {
        tracing::warn!(%error, "a refresh token could not be revoked");
    }
}
