//! Why no machine token could be had.

use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::ledger::SetBy;
use crate::period::Period;

/// Why no token could be had for the program itself.
///
/// Holds no token, no secret and no answer of the provider's. A copy costs one reference count at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineTokenError {
    kind: MachineTokenErrorKind,
    retry_after: Option<Duration>,
}

/// The kinds of [`MachineTokenError`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MachineTokenErrorKind {
    /// A quota is used up: nothing is posted until it begins anew.
    QuotaExhausted {
        /// Whose quota it is: the provider's, or the application's own budget.
        set_by: SetBy,
        /// What it is for; none where the provider gave it a name that is unknown here.
        period: Option<Period>,
        /// When there are tokens again.
        resets_at: Timestamp,
    },
    /// The provider gave no answer: down, slow, 5xx, or 429 where it says nothing of a quota.
    Unavailable,
    /// The provider refused the client, this audience, these scopes or the organization.
    Refused,
    /// The provider granted less than the token's type says: these scopes are missing.
    ///
    /// The token counts all the same, so that no other is asked for while it would live, ten minutes at most.
    InsufficientScope {
        /// The scopes that were not granted.
        missing: std::sync::Arc<[String]>,
    },
    /// An audience or an organization was asked for whose name is empty: nothing is posted.
    ///
    /// An empty parameter is as none (RFC 6749 §3.2), so that the token would be one for more than was meant.
    EmptyName {
        /// Which: `audience` or `organization`.
        parameter: &'static str,
    },
}

impl MachineTokenError {
    pub(crate) const fn new(kind: MachineTokenErrorKind) -> Self {
        Self { kind, retry_after: None }
    }

    pub(crate) const fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }

    /// Returns what went wrong.
    #[must_use]
    pub const fn kind(&self) -> &MachineTokenErrorKind {
        &self.kind
    }

    /// Returns how long nothing will be asked of the provider; of a budget, until it begins anew, if nothing that
    /// was taken is given back before.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns when a quota that is used up begins anew.
    #[must_use]
    pub const fn resets_at(&self) -> Option<Timestamp> {
        match self.kind {
            MachineTokenErrorKind::QuotaExhausted { resets_at, .. } => Some(resets_at),
            _ => None,
        }
    }

    /// Returns whether the same request will be refused again, as opposed to: no answer, or not now.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(
            self.kind,
            MachineTokenErrorKind::Unavailable | MachineTokenErrorKind::QuotaExhausted { .. }
        )
    }
}

impl fmt::Display for MachineTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            MachineTokenErrorKind::QuotaExhausted { set_by, period, resets_at } => {
                let whose = match set_by {
                    SetBy::Budget => "this application's budget of machine tokens",
                    SetBy::Provider => "the provider's quota of machine tokens",
                };
                let period = period.map_or_else(String::new, |period| format!(" for this {}", period.as_str()));
                let until = resets_at.to_minute();
                write!(f, "{whose}{period} is used up: nothing is asked for until {until}")
            }
            MachineTokenErrorKind::Unavailable => f.write_str("the provider gave no answer: try again later"),
            MachineTokenErrorKind::Refused => f.write_str(
                "the provider refused a machine token: check the client's secret, and that it may use client credentials, and has this audience and these scopes; the log has the provider's code",
            ),
            MachineTokenErrorKind::InsufficientScope { missing } => {
                write!(f, "the provider did not grant {} to this client: grant it there", missing.join(" "))
            }
            MachineTokenErrorKind::EmptyName { parameter } => {
                write!(f, "the {parameter} has no name: name one, or ask for a token without")
            }
        }
    }
}

impl std::error::Error for MachineTokenError {}
