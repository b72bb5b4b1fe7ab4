//! Building the configuration of client credentials: `with_` replaces.

use std::time::Duration;

use crate::clock::Clock;
use crate::config::budget::Budget;
use crate::config::client_credentials::model::{ClientCredentialsConfig, MachinePolicy, QuotaHeaders};
use crate::config::error::ConfigError;
use crate::config::judge::{check_bounds, check_client, parse_issuer};
use crate::config::model::{AudienceParameter, ClientAuthentication};
use crate::identifier::{Audience, ClientId};
use crate::secret::Secret;

/// Builds a [`ClientCredentialsConfig`]; see [`ClientCredentialsConfig::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientCredentialsConfigBuilder {
    issuer: String,
    client_id: ClientId,
    client_authentication: ClientAuthentication,
    audience: Option<Audience>,
    audience_parameter: AudienceParameter,
    policy: MachinePolicy,
    connect_timeout: Duration,
    timeout: Duration,
    clock: Clock,
    insecure_allowed: bool,
}

impl ClientCredentialsConfig {
    /// Begins the configuration of a client with a secret, sent in the `Authorization` header.
    pub fn builder(
        issuer: &str,
        client_id: &str,
        secret: impl Into<Secret<String>>,
    ) -> ClientCredentialsConfigBuilder {
        ClientCredentialsConfigBuilder {
            issuer: issuer.to_owned(),
            client_id: ClientId::from(client_id),
            client_authentication: ClientAuthentication::Basic(secret.into()),
            audience: None,
            audience_parameter: AudienceParameter::default(),
            policy: MachinePolicy::default(),
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(10),
            clock: Clock::system(),
            insecure_allowed: false,
        }
    }
}

impl ClientCredentialsConfigBuilder {
    /// Authenticates the client in another way than in the `Authorization` header.
    pub fn with_client_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.client_authentication = authentication;
        self
    }

    /// Asks for tokens of this audience where none is said; default: the provider's own.
    pub fn with_audience(mut self, audience: impl Into<Audience>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Says how the audience is sent; default: [`AudienceParameter::Both`].
    pub fn with_audience_parameter(mut self, parameter: AudienceParameter) -> Self {
        self.audience_parameter = parameter;
        self
    }

    /// Bounds how many tokens are asked for; default: not at all.
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.policy.budget = budget;
        self
    }

    /// Says what the provider's quota headers mean; default: [`QuotaHeaders::Respected`].
    pub fn with_quota_headers(mut self, meaning: QuotaHeaders) -> Self {
        self.policy.quota_headers = meaning;
        self
    }

    /// Renews a token this long before it expires, but not before the last third of its lifetime; default:
    /// five minutes, at most a day.
    ///
    /// It is how long an outage of the provider may be that nobody notices, and what renewals cost: with
    /// tokens of a day, five minutes are a third of a percent more of them.
    pub fn with_renewal_before(mut self, before: Duration) -> Self {
        self.policy.renewal_before = before;
        self
    }

    /// Lets an instance that dies while it asks keep the others from asking for this long, where a store is
    /// shared; default: 10 seconds.
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.policy.lease = lease;
        self
    }

    /// Waits this long for another instance that asks; default: 15 seconds.
    pub fn with_wait(mut self, wait: Duration) -> Self {
        self.policy.wait = wait;
        self
    }

    /// Bounds the time in which a connection to the provider is made; default: 3 seconds.
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Bounds the time of one request to the provider; default: 10 seconds.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Injects the time, for tests.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Lets the provider be plain http beyond loopback: the secret and every token can be read on the way
    /// (RFC 9700 §2.6). For test networks.
    pub fn danger_allow_http_urls(mut self) -> Self {
        self.insecure_allowed = true;
        self
    }

    /// Judges the configuration.
    ///
    /// # Errors
    /// [`ConfigError`]: the first value that cannot work, and the fix.
    pub fn build(self) -> Result<ClientCredentialsConfig, ConfigError> {
        let issuer = parse_issuer(&self.issuer, self.insecure_allowed)?;
        if self.insecure_allowed {
            tracing::warn!("danger_allow_http_urls: secrets and tokens can be read on the way");
        }
        // Not as for logins: a client that is public gets no tokens for itself.
        check_client(&self.client_id, &self.client_authentication, "copy it from the provider")?;
        if let ClientAuthentication::None = self.client_authentication {
            return Err(no_secret());
        }
        if self.audience.as_ref().is_some_and(|audience| *audience == "") {
            let fix = "write the API's identifier, or leave it out for the provider's default";
            return Err(ConfigError::wrong("audience", "", "is empty", fix));
        }
        self.policy.budget.check()?;
        let day = Duration::from_secs(24 * 3_600);
        check_bounds(&[
            ("renewal", self.policy.renewal_before, Duration::ZERO, day),
            ("lease", self.policy.lease, Duration::from_secs(3), Duration::from_secs(15)),
            ("wait", self.policy.wait, Duration::ZERO, Duration::from_secs(60)),
            ("connect timeout", self.connect_timeout, Duration::from_millis(100), Duration::from_secs(60)),
            ("timeout", self.timeout, Duration::from_millis(100), Duration::from_secs(120)),
        ])?;
        Ok(ClientCredentialsConfig {
            issuer,
            client_id: self.client_id,
            client_authentication: self.client_authentication,
            audience: self.audience,
            audience_parameter: self.audience_parameter,
            policy: self.policy,
            connect_timeout: self.connect_timeout,
            timeout: self.timeout,
            clock: self.clock,
        })
    }
}

/// A public client has no credentials to get a token of its own with (RFC 6749 §4.4).
fn no_secret() -> ConfigError {
    ConfigError::missing(
        "client secret",
        "a public client gets no tokens for itself: make it a confidential one at the provider",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::Period;

    #[test]
    fn each_wrong_value_is_shown_with_its_fix() {
        let good = || ClientCredentialsConfig::builder("https://op.example", "worker", "hush-hush");
        assert!(good().build().is_ok());
        let cases = [
            (
                ClientCredentialsConfig::builder("http://op.example", "worker", "hush-hush"),
                "issuer \"http://op.example\" must be https: use https, or danger_allow_http_urls() in a test network",
            ),
            (
                ClientCredentialsConfig::builder("https://op.example", "", "hush-hush"),
                "client id is missing: copy it from the provider's page of this application",
            ),
            (
                ClientCredentialsConfig::builder("https://op.example", "worker", ""),
                "client secret is empty: copy it from the provider",
            ),
            (
                good().with_client_authentication(ClientAuthentication::None),
                "client secret is missing: a public client gets no tokens for itself: make it a confidential one at the provider",
            ),
            (
                good().with_budget(Budget::default().with_limit(Period::Day, 0)),
                "budget \"0\" lets nothing be asked for: give it at least one token, or leave the client credentials out",
            ),
            (
                good().with_budget(Budget::default().with_warning_at(0)),
                "budget warning \"0\" is no share: choose from 1 to 100 percent",
            ),
            (
                good().with_renewal_before(Duration::from_secs(86_401)),
                "renewal \"86401 s\" is out of bounds: choose between 0 s and 86400 s",
            ),
            (
                good().with_audience(""),
                "audience \"\" is empty: write the API's identifier, or leave it out for the provider's default",
            ),
        ];
        for (builder, message) in cases {
            assert_eq!(builder.build().unwrap_err().to_string(), message);
        }
        assert!(!format!("{:?}", good().build()).contains("hush-hush"));
    }
}
