//! The only place that spends a refresh token, and saves what came of it before anyone sees it.

use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument as _;

use crate::clock::{Clock, Timestamp};
use crate::identifier::{Audience, Subject};
use crate::ledger::{Exchange, Grant, Ledger};
use crate::provider::{Provider, ProviderError, TokenResponse};
use crate::refresh::decide::Wanted;
use crate::refresh::error::{RefreshError, RefreshErrorKind};
use crate::refresh::flights::{Shard, Ticket};
use crate::refresh::obtain::{BoxFuture, World};
use crate::secret::SecretText;
use crate::session::{self, EndedSessions, Home};
use crate::token::{IssuedToken, RefreshKey, TokenSet};

/// Refreshes the tokens of one session at the provider.
#[derive(Clone)]
pub(crate) struct Committer {
    pub(crate) provider: Provider,
    pub(crate) ledger: Ledger,
    pub(crate) ended: EndedSessions,
    pub(crate) clock: Clock,
    pub(crate) buffer: Duration,
    pub(crate) patience: Duration,
    /// The audience that stands behind `None`, as the provider is asked for it.
    pub(crate) default_audience: Option<Audience>,
    pub(crate) session: SessionFacts,
}

/// What a flight has to know of its session.
#[derive(Clone)]
pub(crate) struct SessionFacts {
    pub(crate) id: SecretText,
    pub(crate) subject: Subject,
    pub(crate) home: Home,
    /// When the request that brought it began.
    pub(crate) opened_at: Timestamp,
    /// Until when the browser may come back with what it holds now.
    pub(crate) returns_until: Timestamp,
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
        tokio::spawn(async move { committer.fly(ticket, &set, &wanted).await }.instrument(span));
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
    async fn fly(&self, ticket: Ticket, set: &TokenSet, wanted: &Wanted) {
        let (Some(spent), Some(key)) = (&set.refresh_token, self.key(set)) else {
            return ticket.fail(RefreshError::new(RefreshErrorKind::NoRefreshToken), self.clock.now());
        };
        let audience = wanted.audience.as_ref().or(self.default_audience.as_ref());
        let answer = self.provider.refresh(spent, audience, wanted.scopes.as_ref()).await;
        let now = self.clock.now();
        self.ledger.record(&Exchange::of(Grant::RefreshToken, audience, answer.as_ref().err(), now));
        let response = match answer {
            Ok(response) => response,
            Err(error) => return ticket.fail(refused(&error), now),
        };
        if !self.is_of_this_user(&response).await {
            tracing::error!(
                "the provider answered a refresh with the id token of another user: the session ends"
            );
            return ticket.fail(RefreshError::new(RefreshErrorKind::InvalidGrant), now);
        }
        let held = set.find(wanted.audience.as_ref()).map(|token| token.granted.clone());
        let granted =
            response.scope.or(wanted.scopes.clone()).or(held).unwrap_or_else(|| set.granted.clone());
        let token = IssuedToken::new(
            response.access_token,
            wanted.audience.clone(),
            granted,
            response.expires_in,
            now,
        );
        let fresh = response.refresh_token;
        let successor = Arc::new(set.succeed(Arc::new(token), fresh, key, now));
        match self.save(set, &successor, now).await {
            Saved::Yes { kept_until } => {
                ticket.settle(Arc::clone(&successor), kept_until, now);
                // A logout that came between the save and the settling found neither the old token
                // to be revoked nor the new one.
                if self.ended.contains(self.session.id.expose(), now) {
                    self.revoke(&successor).await;
                }
            }
            Saved::SessionEnded => {
                self.revoke(&successor).await;
                ticket.fail(RefreshError::new(RefreshErrorKind::InvalidGrant), now);
            }
        }
    }

    async fn revoke(&self, tokens: &TokenSet) {
        if let Some(token) = &tokens.refresh_token {
            revoke_quietly(&self.provider, token).await;
        }
    }

    /// A session that was logged out while the provider answered is not brought back.
    async fn save(&self, spent: &TokenSet, successor: &Arc<TokenSet>, now: Timestamp) -> Saved {
        if self.ended.contains(self.session.id.expose(), now) {
            return Saved::SessionEnded;
        }
        match &self.session.home {
            Home::Cookie => Saved::Yes { kept_until: self.session.returns_until },
            Home::Store(shelf) => match shelf.save_tokens(self.session.id.expose(), spent, successor).await {
                Ok(session::Saved::Yes | session::Saved::Overtaken(_)) => Saved::Yes { kept_until: now },
                Ok(session::Saved::Ended) => Saved::SessionEnded,
                Err(error) => {
                    // The result lives on in this process until the store is back.
                    tracing::error!(%error, "the session store did not take a refreshed token");
                    Saved::Yes { kept_until: self.session.returns_until }
                }
            },
        }
    }

    /// OpenID Connect Core §12.2: an id token in a refresh must be of the same subject.
    async fn is_of_this_user(&self, response: &TokenResponse) -> bool {
        let Some(id_token) = &response.id_token else { return true };
        match self.provider.verify_id_token(id_token, None, None, None).await {
            Ok(claims) => claims.subject == self.session.subject,
            Err(error) => {
                // It proves nothing and is not used; the grant itself was answered.
                tracing::warn!(%error, "the id token of a refresh was not accepted");
                true
            }
        }
    }
}

enum Saved {
    Yes { kept_until: Timestamp },
    SessionEnded,
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
