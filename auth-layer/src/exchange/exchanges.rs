//! What one client exchanges at its provider, and what it makes of the answers.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::claim_path::ClaimTerms;
use crate::clock::{Clock, Timestamp};
use crate::config::AudienceParameter;
use crate::exchange::audience::is_for_others;
use crate::exchange::decide::{Kept, end};
use crate::exchange::error::{ExchangeError, ExchangeErrorKind};
use crate::exchange::exchanger::{Exchanger, Landed, NotBrought, Outcome};
use crate::exchange::key::{Key, SubjectKey, TargetKey};
use crate::exchange::request::{ExchangeRequest, FederatedConnection};
use crate::exchange::shared::Want;
use crate::fleet::{Fleet, Missed, Wanted as _};
use crate::identifier::Audience;
use crate::ledger::{Exchange, Grant, Ledger};
use crate::provider::{Provider, ProviderError, TokenExchange, TokenResponse};
use crate::scope::ScopeSet;
use crate::secret::SecretText;
use crate::token::{AccessToken, IssuedToken, OwnToken, Principal, RefreshKey, TokenSet, TokenSource};

/// The exchanges of a client at a provider; its copies share what is kept.
#[derive(Clone, Debug)]
pub(crate) struct Exchanges {
    provider: Provider,
    ledger: Ledger,
    exchanger: Exchanger,
    terms: Arc<ClaimTerms>,
    clock: Clock,
    buffer: Duration,
    fleet: Option<Fleet>,
}

impl Exchanges {
    pub(crate) fn new(
        provider: Provider,
        ledger: Ledger,
        tasks: TaskTracker,
        terms: Arc<ClaimTerms>,
        buffer: Duration,
        fleet: Option<Fleet>,
    ) -> Self {
        let clock = provider.settings().clock.clone();
        let exchanger = Exchanger::new(tasks, clock.clone());
        Self { provider, ledger, exchanger, terms, clock, buffer, fleet }
    }

    /// Exchanges an access token for one of another audience (RFC 8693).
    pub(crate) async fn exchange(&self, token: &AccessToken, request: ExchangeRequest) -> Outcome {
        self.check(token)?;
        request.actor.as_ref().map_or(Ok(()), |actor| self.check(actor))?;
        let key = Key { subject: self.key_of(token.expose()), target: TargetKey::of_request(&request) };
        let refused = request.refused.clone();
        let (exchanges, token, instead_of) = (self.clone(), token.clone(), refused.clone());
        let exchange = |attempt| async move {
            let whose = (TokenSource::Exchange, token.principal());
            let want = Want {
                key: exchanges.in_store(key),
                instead_of,
                attempt,
                subject_ends: Some(token.expires_at()),
                buffer: exchanges.buffer,
                ask: || exchanges.post(&token, &request),
            };
            exchanges.bring(want, whose).await
        };
        self.exchanger.obtain(key, refused.as_ref(), exchange).await
    }

    /// Returns the token of a connection, got by `ask` where none is kept for this session.
    ///
    /// What other instances have is looked at where `may_share` allows it.
    pub(crate) async fn connected<F>(
        &self,
        session: &SecretText,
        connection: &FederatedConnection,
        may_share: impl Future<Output = bool> + Send + 'static,
        ask: impl Fn() -> F + Send + Sync + 'static,
    ) -> Outcome
    where
        F: Future<Output = Result<Arc<IssuedToken>, ExchangeError>> + Send + 'static,
    {
        let key = Key { subject: self.key_of_session(session), target: TargetKey::of_connection(connection) };
        let (exchanges, instead_of) = (self.clone(), connection.refused.clone());
        let exchange = |attempt| async move {
            let whose = (TokenSource::Connection, Principal::User);
            let (key, buffer) = (exchanges.in_store(key), exchanges.buffer);
            let want = Want { key, instead_of, attempt, subject_ends: None, buffer, ask };
            match &exchanges.fleet {
                Some(_) if !may_share.await => {
                    exchanges.landed(want.ask().await.map_err(Missed::from), &want, whose)
                }
                _ => exchanges.bring(want, whose).await,
            }
        };
        self.exchanger.obtain(key, connection.refused.as_ref(), exchange).await
    }

    /// Gets a token that any of the instances has, or asks for one.
    async fn bring<A, F>(&self, want: Want<A>, whose: (TokenSource, Principal)) -> Landed
    where
        A: Fn() -> F + Sync,
        F: Future<Output = Result<Arc<IssuedToken>, ExchangeError>> + Send,
    {
        let brought = match &self.fleet {
            Some(fleet) => fleet.obtain(&want).await,
            None => want.ask().await.map_err(Missed::from),
        };
        self.landed(brought, &want, whose)
    }

    fn landed<A, F>(
        &self,
        brought: Result<Arc<IssuedToken>, Missed<ExchangeError>>,
        want: &Want<A>,
        whose: (TokenSource, Principal),
    ) -> Landed
    where
        A: Fn() -> F + Sync,
        F: Future<Output = Result<Arc<IssuedToken>, ExchangeError>> + Send,
    {
        let kept = |token: Arc<IssuedToken>| {
            let renew_at = want.renew_at(&token);
            self.kept(token, whose, renew_at)
        };
        match brought {
            Ok(token) => Ok(kept(token)),
            Err(Missed { error, living }) => Err(NotBrought { error, living: living.map(kept) }),
        }
    }

    /// Exchanges a refresh token, which it does not spend, for the token of a connection.
    pub(crate) async fn post_for_connection(
        &self,
        refresh_token: &SecretText,
        connection: &FederatedConnection,
    ) -> Result<Arc<IssuedToken>, ExchangeError> {
        let (hint, asked_at) = (connection.login_hint.as_deref(), self.clock.now());
        let answer = self.provider.exchange_for_connection(refresh_token, &connection.name, hint).await;
        let response = self.answered(Grant::FederatedConnection, None, answer)?;
        self.issued(response, None, &ScopeSet::default(), None, asked_at)
    }

    /// Drops what was got for a session and for its tokens.
    pub(crate) fn forget(&self, session: &SecretText, tokens: &TokenSet) {
        self.exchanger.forget(&self.key_of_session(session));
        for token in &tokens.access_tokens {
            self.exchanger.forget(&self.key_of(token.value.expose()));
        }
    }

    /// Whether a token may be shown to the provider, and is worth it.
    fn check(&self, token: &AccessToken) -> Result<(), ExchangeError> {
        let refused = |kind| Err(ExchangeError::new(kind));
        let is_foreign = token.issuer().is_some_and(|issuer| *issuer != self.provider.settings().issuer)
            || token.is_of_session_elsewhere(&self.terms)
            || token.source() == TokenSource::Connection;
        if is_foreign {
            return refused(ExchangeErrorKind::ForeignToken);
        }
        if token.as_bearer().is_some_and(|bearer| bearer.is_bound()) {
            return refused(ExchangeErrorKind::SenderConstrained);
        }
        if token.expires_at() <= self.clock.now() {
            return refused(ExchangeErrorKind::Expired);
        }
        Ok(())
    }

    async fn post(
        &self,
        token: &AccessToken,
        request: &ExchangeRequest,
    ) -> Result<Arc<IssuedToken>, ExchangeError> {
        let grant = match request.subject_token_type {
            Some(_) => Grant::TokenExchange,
            None => Grant::OnBehalfOf,
        };
        let exchange = TokenExchange {
            subject_token: token.expose(),
            subject_token_type: request.subject_token_type.as_deref(),
            actor_token: request.actor.as_ref().map(|actor| actor.expose()),
            audience: &request.audience,
            scopes: &request.scopes,
        };
        let asked_at = self.clock.now();
        let answer = self.provider.exchange_token(&exchange).await;
        let response = self.answered(grant, Some(&request.audience), answer)?;
        let names_audience = self.provider.settings().audience_parameter != AudienceParameter::Neither;
        if names_audience && is_for_others(response.access_token.expose(), request.audience.as_str()) {
            return Err(ExchangeError::new(ExchangeErrorKind::OtherAudience));
        }
        let (audience, ends) = (request.audience.clone(), token.expires_at());
        self.issued(response, Some(audience), &request.scopes, Some(ends), asked_at)
    }

    fn answered(
        &self,
        grant: Grant,
        audience: Option<&Audience>,
        answer: Result<TokenResponse, ProviderError>,
    ) -> Result<TokenResponse, ExchangeError> {
        let client = &self.provider.settings().client_id;
        let exchange = Exchange::of(grant, client, answer.as_ref().err(), self.clock.now());
        self.ledger.record(&exchange.with_audience(audience));
        answer.map_err(|error| {
            tracing::debug!(%error, "an exchange was not answered with a token");
            ExchangeError::of(&error)
        })
    }

    /// A refresh token that comes along is dropped: an exchange ends with what it was made from.
    ///
    /// A token is as old as the request for it: this process may be suspended before it reads the answer, and a
    /// token that is dead by then would take the place of a living one of another instance.
    fn issued(
        &self,
        response: TokenResponse,
        audience: Option<Audience>,
        asked: &ScopeSet,
        subject_ends: Option<Timestamp>,
        asked_at: Timestamp,
    ) -> Result<Arc<IssuedToken>, ExchangeError> {
        let expires_at = end(response.expires_in, subject_ends, asked_at)?;
        if expires_at <= self.clock.now() {
            tracing::warn!("an exchanged token ended before it was read: was this process suspended?");
            return Err(ExchangeError::new(ExchangeErrorKind::Unavailable));
        }
        Ok(Arc::new(IssuedToken {
            expires_at,
            value: response.access_token,
            audience,
            // RFC 8693 §2.2.1: left out where it is as it was asked for.
            granted: response.scope.unwrap_or_else(|| asked.clone()),
            issued_at: asked_at,
        }))
    }

    fn kept(
        &self,
        issued: Arc<IssuedToken>,
        whose: (TokenSource, Principal),
        renew_at: Option<Timestamp>,
    ) -> Kept {
        let settings = self.provider.settings();
        let (issuer, client) = (settings.issuer.clone(), settings.client_id.clone());
        let token = OwnToken::exchanged(issued, whose, issuer, client, Arc::clone(&self.terms));
        Kept { token: Arc::new(token), renew_at }
    }

    fn in_store(&self, key: Key) -> RefreshKey {
        key.in_store(&self.provider.settings().client_authentication)
    }

    fn key_of(&self, token: &str) -> SubjectKey {
        let settings = self.provider.settings();
        SubjectKey::of_token(token, &settings.client_id, &settings.issuer)
    }

    fn key_of_session(&self, id: &SecretText) -> SubjectKey {
        let settings = self.provider.settings();
        SubjectKey::of_session(id, &settings.client_id, &settings.issuer)
    }
}
