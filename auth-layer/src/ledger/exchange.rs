//! One exchange at the token endpoint, as the ledger sees it.

use crate::clock::Timestamp;
use crate::identifier::{Audience, ClientId, Organization};
use crate::ledger::grant::{Grant, Outcome};
use crate::provider::ProviderError;

/// One exchange and its outcome.
#[derive(Clone, Debug)]
#[must_use]
pub(crate) struct Exchange {
    pub(crate) grant: Grant,
    pub(crate) client: ClientId,
    pub(crate) audience: Option<Audience>,
    pub(crate) organization: Option<Organization>,
    pub(crate) outcome: Outcome,
    pub(crate) at: Timestamp,
}

impl Exchange {
    /// An exchange that this client asked for; `error` is what it got instead of a token.
    pub(crate) fn of(grant: Grant, client: &ClientId, error: Option<&ProviderError>, at: Timestamp) -> Self {
        let outcome = match error {
            None => Outcome::Token,
            Some(error) if error.is_refused() => Outcome::Refused,
            Some(_) => Outcome::NoAnswer,
        };
        Self { grant, client: client.clone(), audience: None, organization: None, outcome, at }
    }

    pub(crate) fn with_audience(mut self, audience: Option<&Audience>) -> Self {
        self.audience = audience.cloned();
        self
    }

    pub(crate) fn with_organization(mut self, organization: Option<Organization>) -> Self {
        self.organization = organization;
        self
    }
}
