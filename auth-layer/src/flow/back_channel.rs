//! A session is over, says the provider itself (OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8).
//!
//! # Rules
//! 1. The token alone is the proof: no cookie, no origin and no address counts.
//! 2. A token is good once. Where not all came of it, it is tried until it has, and the provider may send
//!    it again (§2.5).
//! 3. With a `sid` it ends the sessions of that one session at the provider, and otherwise those of the
//!    user; of both those that began before it was issued: who logs in again after that stays. With both
//!    it also ends the user's sessions whose id token named no `sid`.
//! 4. A session that nobody knows here is over, too: that is a success (§2.7).
//! 5. Bearer tokens go on until they end. So do refresh tokens, which are the provider's to revoke.

use std::sync::Arc;

use tracing::Instrument as _;

use crate::flow::pause::Pause;
use crate::flow::relying_party::RelyingParty;
use crate::jose::LogoutToken;
use crate::provider::{FailedAt, ProviderError};
use crate::session::StoreError;

/// Why no session was ended; the text holds nothing of the token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackChannelError {
    /// The token was judged, and is not good.
    #[error("{0}")]
    Token(String),
    /// The token was acted on before.
    #[error("the token was used before: a jti comes once")]
    Replayed,
    /// The keys or the store could not be had.
    #[error("the logout could not be done now: send it again later")]
    Unavailable,
}

impl RelyingParty {
    /// Ends the sessions that a logout token names.
    ///
    /// # Cancellation
    /// Runs in a task of its own: a provider that hangs up has its sessions ended all the same.
    ///
    /// # Errors
    /// [`BackChannelError`]; then the same token may come again, unless it was refused.
    pub(crate) async fn log_out_at_back_channel(
        self: &Arc<Self>,
        token: String,
    ) -> Result<(), BackChannelError> {
        let party = Arc::clone(self);
        let ending = async move {
            let told = party.end_as_told(&token).await;
            #[cfg(feature = "metrics")]
            count(&told);
            told
        };
        let task = self.tasks.spawn(ending.instrument(tracing::info_span!("back_channel_logout")));
        task.await.unwrap_or(Err(BackChannelError::Unavailable))
    }

    /// Where the provider tells it, for it to be registered there.
    pub(crate) fn backchannel_logout_uri(&self) -> Option<String> {
        self.config.paths.backchannel_logout.as_deref().map(|path| self.config.base_url.join(path))
    }

    async fn end_as_told(self: &Arc<Self>, token: &str) -> Result<(), BackChannelError> {
        let token = self.provider.verify_logout_token(token).await?;
        // As long as it would be accepted, with the skew on either side.
        let lifetime = token.expires_at().plus(2 * self.config.skew).since(self.config.clock.now());
        // Only what was done is noted: a token that counts as used although its sessions go on, since an
        // answer of the store was lost or an instance died, would be refused when it comes again.
        // Whatever comes between ends the same sessions once more, and no later ones.
        if self.spent.is_spent_here(token.jti()) {
            return Err(replayed());
        }
        if let Err(error) = self.end(&token).await {
            self.end_as_told_later(token);
            return Err(error.into());
        }
        if self.spent.spend(token.jti(), lifetime).await { Ok(()) } else { Err(replayed()) }
    }

    /// Tries on until the store knows which sessions are over, or they would have ended by themselves: few
    /// providers send a token twice.
    fn end_as_told_later(self: &Arc<Self>, token: LogoutToken) {
        // One task for each token, however often it comes meanwhile.
        if !self.spent.begin_again(token.jti()) {
            return;
        }
        let party = Arc::clone(self);
        let trying = async move {
            let mut pause = Pause::new();
            let until = token.issued_at().plus(party.config.session.absolute);
            while party.config.clock.now() < until {
                pause.pass().await;
                if party.end(&token).await.is_ok() {
                    tracing::info!("the session store knows of the provider's logout now");
                    break;
                }
            }
            party.spent.end_again(token.jti());
        };
        self.tasks.spawn(trying.instrument(tracing::info_span!("back_channel_logout")));
    }

    async fn end(&self, token: &LogoutToken) -> Result<(), StoreError> {
        if let Some(sid) = token.sid() {
            self.tombstones.end_sid(sid, token.issued_at()).await?;
            // A provider that names it here need not have named it in its id tokens.
            if let Some(subject) = token.subject() {
                self.tombstones.end_without_sid(subject, token.issued_at()).await?;
            }
            tracing::info!("the provider ended a session");
        } else if let Some(subject) = token.subject() {
            self.tombstones.end_subject(subject, token.issued_at()).await?;
            tracing::info!("the provider ended the sessions of a user");
        }
        Ok(())
    }
}

fn replayed() -> BackChannelError {
    tracing::warn!("a logout token came again");
    BackChannelError::Replayed
}

impl From<ProviderError> for BackChannelError {
    fn from(error: ProviderError) -> Self {
        if error.stage() == FailedAt::LogoutToken {
            tracing::warn!(why = error.why(), "a logout token was refused");
            return Self::Token(error.why().to_owned());
        }
        tracing::error!(%error, "a logout token could not be judged: its sessions go on");
        Self::Unavailable
    }
}

impl From<StoreError> for BackChannelError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the session store did not take a logout: it is tried again until it does");
        Self::Unavailable
    }
}

#[cfg(feature = "metrics")]
fn count(told: &Result<(), BackChannelError>) {
    let outcome = match told {
        Ok(()) => "done",
        Err(BackChannelError::Unavailable) => "failed",
        Err(_) => "refused",
    };
    metrics::counter!("auth_layer_backchannel_logouts_total", "outcome" => outcome).increment(1);
}
