//! One exchange at the token endpoint, as the ledger sees it.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::identifier::Audience;
use crate::provider::ProviderError;

/// How a token was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Grant {
    /// A user's login; no exchange, and listed since the tenant's log lists it.
    Login,
    /// The code of a login (RFC 6749 §4.1).
    AuthorizationCode,
    /// A refresh token (RFC 6749 §6).
    RefreshToken,
}

/// One exchange and its outcome.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) grant: Grant,
    pub(crate) audience: Option<Audience>,
    pub(crate) outcome: Outcome,
    pub(crate) at: Timestamp,
}

/// What the provider said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Outcome {
    Token,
    Refused,
    NoAnswer,
}

impl Exchange {
    pub(crate) fn of(
        grant: Grant,
        audience: Option<&Audience>,
        error: Option<&ProviderError>,
        at: Timestamp,
    ) -> Self {
        let outcome = match error {
            None => Outcome::Token,
            Some(error) if error.is_refused() => Outcome::Refused,
            Some(_) => Outcome::NoAnswer,
        };
        Self { grant, audience: audience.cloned(), outcome, at }
    }
}

impl Grant {
    /// The code of the tenant's log; none where the provider gave no answer to log.
    pub(crate) const fn log_code(self, outcome: Outcome) -> Option<&'static str> {
        match (self, outcome) {
            (Self::Login, Outcome::Token) => Some("s"),
            (Self::Login, Outcome::Refused) => Some("f"),
            (Self::AuthorizationCode, Outcome::Token) => Some("seacft"),
            (Self::AuthorizationCode, Outcome::Refused) => Some("feacft"),
            (Self::RefreshToken, Outcome::Token) => Some("sertft"),
            (Self::RefreshToken, Outcome::Refused) => Some("fertft"),
            (_, Outcome::NoAnswer) => None,
        }
    }

    /// Why it does not count.
    pub(crate) const fn quota_note(self) -> &'static str {
        match self {
            Self::Login => "a login is no token exchange",
            Self::AuthorizationCode => "a user's grant: only client credentials count",
            Self::RefreshToken => "a user's grant, whatever its audience: only client credentials count",
        }
    }
}
