//! Why no machine token could be had.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::identifier::Audience;
use crate::ledger::SetBy;
use crate::period::Period;

/// Why no token could be had for the program itself.
///
/// Holds no token and no secret, and of the provider's answer the error code alone. A copy costs one reference
/// count at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineTokenError {
    kind: MachineTokenErrorKind,
    code: Option<Arc<str>>,
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
    /// The provider refused the client, this audience, these scopes or the organization; which of them says
    /// [`MachineTokenError::code`].
    Refused,
    /// The provider refused a request that named no audience, and found no fault with the client or the scopes: it
    /// has no default.
    NoAudience,
    /// The provider granted less than the token's type says: these scopes are missing.
    ///
    /// The token counts all the same, so that no other is asked for while it would live, ten minutes at most.
    InsufficientScope {
        /// The scopes that were not granted.
        missing: Arc<[String]>,
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
        Self { kind, code: None, retry_after: None }
    }

    /// The provider said no, to a request for this audience.
    pub(crate) fn refused(code: Option<&str>, audience: Option<&Audience>) -> Self {
        let kind = match code {
            Some(CLIENT | GRANT_OF_CLIENT | GRANT | SCOPE) => MachineTokenErrorKind::Refused,
            _ if audience.is_none() => MachineTokenErrorKind::NoAudience,
            _ => MachineTokenErrorKind::Refused,
        };
        Self { kind, code: code.map(Arc::from), retry_after: None }
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

    /// Returns the provider's error code (RFC 6749 §5.2), as `invalid_client`, where it refused; up to 64 of `a-z _`.
    ///
    /// Instances that share a store have the code of the one that asked.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
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
            MachineTokenErrorKind::Refused => f.write_str(advice(self.code())),
            MachineTokenErrorKind::NoAudience => f.write_str(
                "the provider refused a token without an audience: set AUTH_AUDIENCE, or name one with `with_audience`",
            ),
            MachineTokenErrorKind::InsufficientScope { missing } => {
                write!(f, "the provider did not grant {} to this client: grant it there", missing.join(" "))
            }
            MachineTokenErrorKind::EmptyName { parameter } => {
                write!(f, "the {parameter} has no name: name one, or ask for a token without")
            }
        }?;
        match &self.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for MachineTokenError {}

/// What a refusal of this code is mended by.
fn advice(code: Option<&str>) -> &'static str {
    match code {
        Some(CLIENT) => {
            "the provider does not accept this client: check its id, its secret and how it is sent"
        }
        Some(GRANT_OF_CLIENT | GRANT) => {
            "the client may not get tokens of its own: switch on client credentials for it at the provider"
        }
        Some(ACCESS | TARGET) => {
            "the client may have no token for this audience: check its name, and authorize the client for it at the provider"
        }
        Some(SCOPE) => {
            "the client may not have these scopes: check their names, and grant them to it at the provider"
        }
        _ => {
            "the provider refused a machine token: check the client's secret, and that it may use client credentials, and has this audience and these scopes"
        }
    }
}

/// The codes of RFC 6749 §5.2, of RFC 8707 §2, and Auth0's for a client that is not authorized for an API.
const CLIENT: &str = "invalid_client";
const GRANT_OF_CLIENT: &str = "unauthorized_client";
const GRANT: &str = "unsupported_grant_type";
const SCOPE: &str = "invalid_scope";
const TARGET: &str = "invalid_target";
const ACCESS: &str = "access_denied";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_to_do_and_the_code() {
        let catalogue = Audience::from("https://catalogue.example");
        let cases = [
            (
                Some("invalid_client"),
                "the provider does not accept this client: check its id, its secret and how it is sent (invalid_client)",
            ),
            (
                Some("unauthorized_client"),
                "the client may not get tokens of its own: switch on client credentials for it at the provider (unauthorized_client)",
            ),
            (
                Some("invalid_target"),
                "the client may have no token for this audience: check its name, and authorize the client for it at the provider (invalid_target)",
            ),
            (
                Some("access_denied"),
                "the client may have no token for this audience: check its name, and authorize the client for it at the provider (access_denied)",
            ),
            (
                Some("invalid_scope"),
                "the client may not have these scopes: check their names, and grant them to it at the provider (invalid_scope)",
            ),
            (
                Some("of_their_own"),
                "the provider refused a machine token: check the client's secret, and that it may use client credentials, and has this audience and these scopes (of_their_own)",
            ),
            (
                None,
                "the provider refused a machine token: check the client's secret, and that it may use client credentials, and has this audience and these scopes",
            ),
        ];
        for (code, message) in cases {
            let error = MachineTokenError::refused(code, Some(&catalogue));
            assert_eq!((error.to_string().as_str(), error.code()), (message, code));
            assert_eq!((error.kind(), error.is_final()), (&MachineTokenErrorKind::Refused, true));
        }
    }

    #[test]
    fn without_an_audience_the_audience_is_what_is_missed_unless_the_code_says_otherwise() {
        for code in [Some("access_denied"), Some("invalid_request"), Some("invalid_target"), None] {
            let error = MachineTokenError::refused(code, None);
            assert_eq!(
                (error.kind(), error.is_final()),
                (&MachineTokenErrorKind::NoAudience, true),
                "{code:?}"
            );
            assert!(error.to_string().contains("set AUTH_AUDIENCE"), "{error}");
        }
        for code in ["invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"] {
            let error = MachineTokenError::refused(Some(code), None);
            assert_eq!(error.kind(), &MachineTokenErrorKind::Refused, "{code}");
        }
    }
}
