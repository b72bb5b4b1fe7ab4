//! The tenant log: what happened, in the event codes of Auth0's log.
//!
//! # Limits
//! The latest 100,000 events are kept.

use std::collections::VecDeque;
use std::fmt;

use serde::{Serialize, Serializer};

use super::log_export;
use crate::clock::Timestamp;

/// What kind of event it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EventCode {
    /// `s`: a person logged in.
    Login,
    /// `f`: a login failed.
    FailedLogin,
    /// `ssa`: a login without a page (`prompt=none`).
    SilentLogin,
    /// `fsa`: a login without a page failed.
    FailedSilentLogin,
    /// `seacft`: an authorization code was exchanged for tokens.
    CodeExchange,
    /// `feacft`: the exchange of an authorization code failed.
    FailedCodeExchange,
    /// `sertft`: a refresh token was exchanged for tokens.
    Refresh,
    /// `fertft`: the exchange of a refresh token failed.
    FailedRefresh,
    /// `ferrt`: a refresh token was reused or had expired.
    FailedRotation,
    /// `seccft`: client credentials were exchanged for a token.
    ClientCredentials,
    /// `feccft`: the exchange of client credentials failed.
    FailedClientCredentials,
    /// `secte`: a token of a type of the client's own was exchanged (Custom Token Exchange).
    TokenExchange,
    /// `fecte`: such an exchange failed.
    FailedTokenExchange,
    /// `success_on_behalf_of_token_exchange`: an access token was exchanged for one of another API.
    OnBehalfOf,
    /// `failed_on_behalf_of_token_exchange`: such an exchange failed.
    FailedOnBehalfOf,
    /// `seta`: a refresh token was exchanged for a connection's token (Token Vault).
    FederatedConnection,
    /// `feta`: such an exchange failed.
    FailedFederatedConnection,
    /// `srrt`: a refresh token was revoked.
    Revocation,
    /// `slo`: a person logged out.
    Logout,
    /// `flo`: a logout failed.
    FailedLogout,
    /// `api_limit`: a limit was reached.
    Limit,
}

impl EventCode {
    /// Returns the code as the log writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "s",
            Self::FailedLogin => "f",
            Self::SilentLogin => "ssa",
            Self::FailedSilentLogin => "fsa",
            Self::CodeExchange => "seacft",
            Self::FailedCodeExchange => "feacft",
            Self::Refresh => "sertft",
            Self::FailedRefresh => "fertft",
            Self::FailedRotation => "ferrt",
            Self::ClientCredentials => "seccft",
            Self::FailedClientCredentials => "feccft",
            Self::TokenExchange => "secte",
            Self::FailedTokenExchange => "fecte",
            Self::OnBehalfOf => "success_on_behalf_of_token_exchange",
            Self::FailedOnBehalfOf => "failed_on_behalf_of_token_exchange",
            Self::FederatedConnection => "seta",
            Self::FailedFederatedConnection => "feta",
            Self::Revocation => "srrt",
            Self::Logout => "slo",
            Self::FailedLogout => "flo",
            Self::Limit => "api_limit",
        }
    }
}

impl fmt::Display for EventCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<str> for EventCode {
    fn eq(&self, code: &str) -> bool {
        self.as_str() == code
    }
}

impl PartialEq<&str> for EventCode {
    fn eq(&self, code: &&str) -> bool {
        self.as_str() == *code
    }
}

impl Serialize for EventCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One event of the log; serialised, it has the member names and the forms of Auth0's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogEvent {
    /// Which event: no other has its `log_id`, and that of a later event is greater.
    #[serde(rename = "log_id")]
    pub id: String,
    /// What kind of event.
    #[serde(rename = "type")]
    pub code: EventCode,
    /// When it happened.
    #[serde(rename = "date", serialize_with = "log_export::serialize_date")]
    pub time: Timestamp,
    /// What happened, in words; never a secret or a token.
    pub description: String,
    /// The subject, where a person was concerned.
    #[serde(rename = "user_id", skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The client, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The audience of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The scope that was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The organization of the token.
    #[serde(rename = "organization_id", skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

impl LogEvent {
    pub(super) fn new(code: EventCode, time: Timestamp, description: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            code,
            time,
            description: description.into(),
            user: None,
            client_id: None,
            audience: None,
            scope: None,
            organization: None,
        }
    }

    pub(super) fn user(mut self, subject: Option<&str>) -> Self {
        self.user = subject.map(str::to_owned);
        self
    }

    pub(super) fn client(mut self, client_id: Option<&str>) -> Self {
        self.client_id = client_id.map(str::to_owned);
        self
    }

    pub(super) fn target(mut self, audience: Option<&str>, scope: &[String]) -> Self {
        self.audience = audience.map(str::to_owned);
        self.scope = Some(scope.join(" "));
        self
    }

    pub(super) fn organization(mut self, organization: Option<&str>) -> Self {
        self.organization = organization.map(str::to_owned);
        self
    }
}

/// The events, oldest first.
#[derive(Default)]
pub(super) struct TenantLog {
    events: VecDeque<LogEvent>,
    recorded: u64,
}

impl TenantLog {
    pub(super) fn record(&mut self, event: LogEvent) {
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
        }
        self.recorded += 1;
        self.events.push_back(LogEvent { id: log_export::log_id(event.time, self.recorded), ..event });
    }

    pub(super) fn events(&self) -> Vec<LogEvent> {
        self.events.iter().cloned().collect()
    }

    /// Returns the events themselves, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &LogEvent> {
        self.events.iter()
    }

    pub(super) fn count(&self, code: &str) -> usize {
        self.events.iter().filter(|event| event.code == code).count()
    }
}

const MAX_EVENTS: usize = 100_000;
