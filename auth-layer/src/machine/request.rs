//! What a machine token is asked for, where no type says it.

use crate::identifier::{Audience, Organization};
use crate::machine::slot::Parameters;
use crate::scope::ScopeSet;

/// What a machine token is asked for: an audience, scopes, an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct MachineTokenRequest {
    audience: Option<Audience>,
    scopes: ScopeSet,
    organization: Option<Organization>,
}

impl MachineTokenRequest {
    /// Returns a request for the configured audience, and the scopes that the client has there.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a token of this audience.
    pub fn with_audience(mut self, audience: impl Into<Audience>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Asks for these scopes, a space-delimited list; all of them have to be granted.
    pub fn with_scopes(mut self, scopes: &str) -> Self {
        self.scopes = ScopeSet::parse(scopes);
        self
    }

    /// Asks for a token of this organization (Auth0's `organization`).
    pub fn with_organization(mut self, organization: impl Into<Organization>) -> Self {
        self.organization = Some(organization.into());
        self
    }

    pub(super) fn parameters(
        self,
        default_audience: Option<&Audience>,
        organization: Option<&Organization>,
    ) -> Parameters {
        Parameters {
            audience: self.audience.or_else(|| default_audience.cloned()),
            scopes: self.scopes,
            organization: self.organization.or_else(|| organization.cloned()),
        }
    }
}
