//! The configuration of client credentials, once it is known to be sound.

use std::time::Duration;

use crate::clock::Clock;
use crate::config::budget::Budget;
use crate::config::model::{AudienceParameter, ClientAuthentication};
use crate::identifier::{Audience, ClientId, Issuer};

/// The configuration of [`ClientCredentials`](crate::ClientCredentials): one client at one provider.
///
/// `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct ClientCredentialsConfig {
    pub(crate) issuer: Issuer,
    pub(crate) client_id: ClientId,
    pub(crate) client_authentication: ClientAuthentication,
    pub(crate) audience: Option<Audience>,
    pub(crate) audience_parameter: AudienceParameter,
    pub(crate) policy: MachinePolicy,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) clock: Clock,
}

/// What is done when the provider's quota headers say that nothing is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuotaHeaders {
    /// Nothing is posted until they say that there is something again.
    #[default]
    Respected,
    /// They are shown, and the provider decides: for quotas that it only watches (Auth0's `enforce: false`).
    Observed,
}

/// How machine tokens are got and kept.
#[derive(Clone, Debug)]
pub(crate) struct MachinePolicy {
    pub(crate) budget: Budget,
    pub(crate) quota_headers: QuotaHeaders,
    /// How long before its end a token is renewed, but not before the last third of its lifetime.
    pub(crate) renewal_before: Duration,
    /// How long an instance that died keeps the others from getting a token.
    pub(crate) lease: Duration,
    /// How long another instance is waited for.
    pub(crate) wait: Duration,
}

impl Default for MachinePolicy {
    fn default() -> Self {
        Self {
            budget: Budget::default(),
            quota_headers: QuotaHeaders::default(),
            renewal_before: Duration::from_secs(300),
            lease: Duration::from_secs(10),
            wait: Duration::from_secs(15),
        }
    }
}
