//! The session as handlers see it.

use std::fmt;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::exchange::{ExchangeError, FederatedConnection};
use crate::gate::authenticate::{token_at_hand, token_of};
use crate::gate::context::SessionContext;
use crate::identifier::Audience;
use crate::refresh::{Refresh, RefreshError, Refused, Wanted};
use crate::session::SessionRecord;
use crate::token::{AccessToken, User};

/// The session of the user who made a request.
///
/// A copy costs two reference counts.
/// `Debug` shows the user's subject and the expiry, never a token nor the session's id.
#[derive(Clone)]
pub struct Session {
    context: SessionContext,
    /// As it was when the extractor ran; what changes in the request is in the context.
    record: Arc<SessionRecord>,
}

impl Session {
    pub(crate) const fn new(context: SessionContext, record: Arc<SessionRecord>) -> Self {
        Self { context, record }
    }

    pub(crate) const fn context(&self) -> &SessionContext {
        &self.context
    }

    pub(crate) fn record(&self) -> Arc<SessionRecord> {
        self.context.current().unwrap_or_else(|| Arc::clone(&self.record))
    }

    /// Returns the user.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.record.user
    }

    /// Returns when the user logged in.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.record.created_at
    }

    /// Returns when the session ends however much it is used (its absolute lifetime).
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.record.expires_at
    }

    /// Returns an access token for the configured audience, refreshed if it is about to expire.
    ///
    /// # Errors
    /// [`RefreshError`]: final where the session is over, or no answer from the provider.
    ///
    /// # Cancellation
    /// May be dropped at any time: a refresh that was begun is completed and saved.
    pub async fn access_token(&self) -> Result<AccessToken, RefreshError> {
        token_of(self, Wanted::default()).await
    }

    /// Returns an access token for another audience, or a new one by force.
    ///
    /// A session holds tokens for several audiences, each got with its one refresh token
    /// (`audience` and `resource`, RFC 8707, are sent with the refresh).
    ///
    /// # Errors
    /// As [`Session::access_token`]; not final where the provider refuses this audience.
    ///
    /// # Cancellation
    /// As [`Session::access_token`].
    pub async fn access_token_with(&self, request: AccessTokenRequest) -> Result<AccessToken, RefreshError> {
        token_of(self, request.0).await
    }

    /// Returns the access token of a federated connection, at which the user has an account (Auth0's Token
    /// Vault): `session.federated_token("google-oauth2")`.
    ///
    /// It is the connection's own, to be sent to its APIs and to no other; it has no audience. It is kept
    /// for this session, and got with the session's refresh token, which is not spent by it. See the
    /// [module docs](crate::exchange).
    ///
    /// # Errors
    /// [`ExchangeError`]: the user has no such account, there is no refresh token, no answer. None of them
    /// ends the session.
    ///
    /// # Cancellation
    /// May be dropped at any time: an exchange that was begun is completed and kept.
    pub async fn federated_token(
        &self,
        connection: impl Into<FederatedConnection>,
    ) -> Result<AccessToken, ExchangeError> {
        let connection = connection.into();
        let token = self.context.party().federated_token(&self.record(), &connection).await?;
        Ok(AccessToken::own(token))
    }
}

impl Session {
    /// The token, where nobody has to be asked for it.
    pub(crate) fn token_at_hand(&self, request: &AccessTokenRequest) -> Option<AccessToken> {
        token_at_hand(self, &request.0)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user", &self.record.user)
            .field("expires_at", &self.record.expires_at)
            .finish_non_exhaustive()
    }
}

/// Which access token is wanted.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct AccessTokenRequest(Wanted);

impl AccessTokenRequest {
    /// Returns a request for the configured audience, refreshed when needed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a token of this audience.
    pub fn with_audience(mut self, audience: impl Into<Audience>) -> Self {
        self.0.audience = Some(audience.into());
        self
    }

    /// Asks for a new token whatever the age of the one at hand.
    ///
    /// It is never merged into a refresh that was not forced.
    pub fn with_forced_refresh(mut self) -> Self {
        self.0.refresh = Refresh::Always;
        self
    }

    /// Asks for another token than this one, which a resource server refused.
    ///
    /// A token that is newer is returned as it is, and where there is none the session is refreshed. Requests that
    /// were refused at the same time, with the same token, spend one refresh together. A provider may answer with
    /// the same token again: compare before you try again.
    ///
    /// A token that is no session's changes nothing.
    pub fn instead_of<P>(mut self, refused: &AccessToken<P>) -> Self {
        if let Some(refused) = Refused::of(refused) {
            self.0.refresh = Refresh::InsteadOf(refused);
        }
        self
    }
}
