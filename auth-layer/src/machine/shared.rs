//! A machine token as instances share it: which does, and what they tell each other of one that did not come.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::fleet::{Missed, Wanted};
use crate::machine::client::Client;
use crate::machine::error::{MachineTokenError, MachineTokenErrorKind};
use crate::machine::slot::Slot;
use crate::token::{IssuedToken, OwnToken, RefreshKey};

/// What one flight is after.
pub(super) struct Want<'a> {
    pub(super) client: &'a Client,
    pub(super) slot: &'a Slot,
    pub(super) instead_of: Option<&'a Arc<OwnToken>>,
    /// How many tries before went without a token.
    pub(super) attempt: u32,
    pub(super) is_waited_for: bool,
}

/// Why an instance got no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum NoToken {
    /// The provider gave no answer.
    Unavailable,
    /// It refused, with this code.
    Refused(Option<String>),
    /// It did not grant these scopes.
    InsufficientScope(Vec<String>),
}

impl Want<'_> {
    /// Gets a token that any of the instances has, or asks for one on behalf of all.
    pub(super) async fn obtain(&self) -> Result<Arc<IssuedToken>, Missed<MachineTokenError>> {
        if let Some(parameter) = self.slot.parameters.empty_name() {
            return Err(MachineTokenError::new(MachineTokenErrorKind::EmptyName { parameter }).into());
        }
        match &self.client.fleet {
            Some(fleet) => fleet.obtain(self).await,
            None => Ok(self.ask().await?),
        }
    }
}

impl Wanted for Want<'_> {
    type Error = MachineTokenError;
    type Why = NoToken;

    fn key(&self) -> RefreshKey {
        self.slot.key
    }

    fn instead_of(&self) -> Option<&IssuedToken> {
        self.instead_of.map(|refused| &*refused.issued)
    }

    fn attempt(&self) -> u32 {
        self.attempt
    }

    fn is_waited_for(&self) -> bool {
        self.is_waited_for
    }

    fn does(&self, token: &IssuedToken) -> bool {
        token.granted.is_superset(&self.slot.parameters.scopes)
    }

    fn renew_at(&self, token: &IssuedToken) -> Option<Timestamp> {
        Some(token.expires_at.minus(token.buffer(self.client.renewal_before)))
    }

    async fn ask(&self) -> Result<Arc<IssuedToken>, MachineTokenError> {
        self.client.issue(&self.slot.parameters).await
    }

    fn why(&self, error: &MachineTokenError) -> Option<NoToken> {
        match error.kind() {
            // The budget is theirs as well.
            MachineTokenErrorKind::QuotaExhausted { .. } | MachineTokenErrorKind::EmptyName { .. } => None,
            MachineTokenErrorKind::Unavailable => Some(NoToken::Unavailable),
            MachineTokenErrorKind::Refused | MachineTokenErrorKind::NoAudience => {
                Some(NoToken::Refused(error.code().map(str::to_owned)))
            }
            MachineTokenErrorKind::InsufficientScope { missing } => {
                Some(NoToken::InsufficientScope(missing.to_vec()))
            }
        }
    }

    fn told(&self, why: NoToken, left: Duration) -> MachineTokenError {
        let error = match why {
            NoToken::Unavailable => MachineTokenError::new(MachineTokenErrorKind::Unavailable),
            NoToken::Refused(code) => {
                MachineTokenError::refused(code.as_deref(), self.slot.parameters.audience.as_ref())
            }
            NoToken::InsufficientScope(missing) => {
                let missing = missing.into();
                MachineTokenError::new(MachineTokenErrorKind::InsufficientScope { missing })
            }
        };
        error.with_retry_after(left)
    }

    fn unavailable(&self, retry_after: Option<Duration>) -> MachineTokenError {
        let error = MachineTokenError::new(MachineTokenErrorKind::Unavailable);
        match retry_after {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        }
    }

    fn retry_after(&self, error: &MachineTokenError) -> Option<Duration> {
        error.retry_after()
    }
}
