//! Tokens of one kind, at hand.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::machine::client::Client;
use crate::machine::error::MachineTokenError;
use crate::machine::future::MachineTokenFuture;
use crate::machine::slot::Slot;
use crate::token::{AccessToken, NoRequirement};

/// The machine tokens of one kind: for an audience, scopes and an organization, typed by `R`.
///
/// A copy costs two reference counts. To be kept where tokens are needed often: [`MachineTokens::token`] looks
/// nothing up.
pub struct MachineTokens<R = NoRequirement> {
    client: Arc<Client>,
    slot: Arc<Slot>,
    requirement: PhantomData<fn() -> R>,
}

impl<R> MachineTokens<R> {
    /// The caller answers for it that a token of this slot grants what `R` says.
    pub(super) const fn new(client: Arc<Client>, slot: Arc<Slot>) -> Self {
        Self { client, slot, requirement: PhantomData }
    }

    /// Returns a living token.
    ///
    /// One that is fresh is returned without waiting and without allocating. One that is about to expire is
    /// returned, and another got in the background. Otherwise all who call wait for one exchange.
    ///
    /// # Errors
    /// [`MachineTokenError`]: a quota is used up, the provider gave no answer, refused, or granted less.
    /// While a token lives there is none.
    ///
    /// # Cancellation
    /// May be dropped at any time: what was asked of the provider is kept for the next who calls.
    ///
    /// # Panics
    /// Outside a Tokio runtime, where no token is at hand.
    pub async fn token(&self) -> Result<AccessToken<R>, MachineTokenError> {
        let token = match self.slot.fresh(&self.client.clock) {
            Some(token) => token,
            None => self.client.token(&self.slot, None).await?,
        };
        Ok(AccessToken::from_any(AccessToken::own(token)))
    }

    /// The token that is returned without a wait, if there is one.
    pub(crate) fn fresh(&self) -> Option<AccessToken<R>> {
        Some(AccessToken::from_any(AccessToken::own(self.slot.fresh(&self.client.clock)?)))
    }

    /// As [`MachineTokens::token`], of its own.
    pub(super) fn into_token(self) -> MachineTokenFuture<R> {
        match self.slot.fresh(&self.client.clock) {
            Some(token) => MachineTokenFuture::at_hand(token),
            None => {
                let Self { client, slot, .. } = self;
                MachineTokenFuture::under_way(async move { client.token(&slot, None).await })
            }
        }
    }

    /// Returns a token other than the one that a resource server has just refused as `invalid_token`
    /// (RFC 6750 §3.1).
    ///
    /// The same token comes back where none is asked for now. One that is younger than a minute is not replaced,
    /// since a server that refuses every token would drain the quota, and that age doubles, up to an hour, with
    /// each replacement in a row; and after a failure none is until its backoff is over.
    ///
    /// # Errors
    /// As [`MachineTokens::token`], also while the refused token lives: for those who wait for the exchange
    /// that fails.
    ///
    /// # Cancellation
    /// As [`MachineTokens::token`].
    pub async fn token_instead_of<P>(
        &self,
        refused: &AccessToken<P>,
    ) -> Result<AccessToken<R>, MachineTokenError> {
        let token = self.client.token(&self.slot, refused.as_own()).await?;
        Ok(AccessToken::from_any(AccessToken::own(token)))
    }
}

impl<R> Clone for MachineTokens<R> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.client), Arc::clone(&self.slot))
    }
}

impl<R> fmt::Debug for MachineTokens<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MachineTokens").field("of", &self.slot.parameters).finish_non_exhaustive()
    }
}
