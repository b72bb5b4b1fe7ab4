//! Asking the provider for a machine token: budget first, ledger after, and what the answer is worth.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::identifier::Audience;
use crate::ledger::{Exchange, Grant, is_built_in};
use crate::machine::client::Client;
use crate::machine::error::{MachineTokenError, MachineTokenErrorKind};
use crate::machine::keeper::Spent;
use crate::machine::slot::Parameters;
use crate::provider::{FailedAt, ProviderError, TokenResponse};
use crate::token::IssuedToken;

impl Client {
    /// Posts once, if the budget allows it.
    pub(super) async fn issue(&self, parameters: &Parameters) -> Result<Arc<IssuedToken>, MachineTokenError> {
        let Parameters { audience, scopes, organization } = parameters;
        // A token for the provider's own API costs no quota, so no budget holds it back.
        let is_free = audience.as_ref().is_some_and(|audience| is_built_in(audience, &self.issuer));
        let organization = organization.as_ref();
        let reserved = if is_free { None } else { Some(self.budget.reserve(organization).await?) };
        // A token is as old as the request for it: this process may be suspended before it reads the answer.
        let asked_at = self.clock.now();
        let answer = self.provider.client_credentials(audience.as_ref(), scopes, organization).await;
        let now = self.clock.now();
        let exchange =
            Exchange::of(Grant::ClientCredentials, &self.client_id, answer.token.as_ref().err(), now)
                .with_audience(audience.as_ref())
                .with_organization(organization.cloned());
        self.ledger.record(&exchange);
        self.note_quota(&answer.quota);
        match reserved {
            Some(reserved) => {
                let spent = spent(answer.token.as_ref().err());
                self.budget.settle(reserved, spent, &answer.quota, organization).await;
            }
            None => self.budget.learn(&answer.quota, organization).await,
        }
        if let Err(error) = self.ledger.bring().await {
            tracing::warn!(%error, "the ledger's counts wait for the session store");
        }
        match answer.token {
            Ok(response) => judge(response, parameters, asked_at, now),
            Err(error) => {
                // What costs no quota was refused for something else, whatever the headers say of the quota.
                let for_quota = self.budget.refused_for_quota(&error, &answer.quota).filter(|_| !is_free);
                Err(for_quota.unwrap_or_else(|| refused(&error, audience.as_ref())))
            }
        }
    }
}

/// A token that is dead on arrival or grants less than its type says is none.
fn judge(
    response: TokenResponse,
    parameters: &Parameters,
    asked_at: Timestamp,
    now: Timestamp,
) -> Result<Arc<IssuedToken>, MachineTokenError> {
    let asked = &parameters.scopes;
    let granted = response.scope.unwrap_or_else(|| asked.clone());
    let missing: Vec<String> =
        asked.iter().filter(|scope| !granted.contains(scope)).map(str::to_owned).collect();
    let (value, audience) = (response.access_token, parameters.audience.clone());
    let token = IssuedToken::new(value, audience, granted, response.expires_in, asked_at);
    let lifetime = token.expires_at.since(token.issued_at);
    if lifetime < SHORTEST {
        tracing::error!("the provider issues machine tokens that have ended when they come");
        // Each of them has counted.
        return Err(MachineTokenError::new(MachineTokenErrorKind::Unavailable).with_retry_after(NARROWED));
    }
    if !token.is_living(now) {
        tracing::warn!("a machine token ended before it was read: was this process suspended?");
        return Err(MachineTokenError::new(MachineTokenErrorKind::Unavailable));
    }
    if missing.is_empty() {
        return Ok(Arc::new(token));
    }
    let kind = MachineTokenErrorKind::InsufficientScope { missing: missing.into() };
    // It was issued and has counted: asking again would cost again.
    Err(MachineTokenError::new(kind).with_retry_after(lifetime.min(NARROWED)))
}

fn spent(error: Option<&ProviderError>) -> Spent {
    match error {
        None => Spent::Token,
        Some(error)
            if error.is_refused() || error.stage() == FailedAt::RateLimit || error.had_no_effect() =>
        {
            Spent::Nothing
        }
        Some(_) => Spent::Unknown,
    }
}

fn refused(error: &ProviderError, audience: Option<&Audience>) -> MachineTokenError {
    if error.is_refused() {
        let refused = MachineTokenError::refused(error.code(), audience);
        tracing::error!(error = %refused, "the provider refused a machine token");
        return refused;
    }
    tracing::warn!(%error, "no machine token could be had");
    let unavailable = MachineTokenError::new(MachineTokenErrorKind::Unavailable);
    match error.retry_after() {
        Some(wait) => unavailable.with_retry_after(wait),
        None => unavailable,
    }
}

/// A token with less is of no use to anyone.
const SHORTEST: Duration = Duration::from_secs(1);
/// How soon it is looked whether a scope was granted meanwhile, or tokens live.
const NARROWED: Duration = Duration::from_secs(600);
