//! Building the configuration of a resource server: `with_` replaces, `add_` adds.

use std::time::Duration;

use crate::clock::Clock;
use crate::config::resource_server::dpop::DpopPolicy;
use crate::config::resource_server::issuer::TrustedIssuer;
use crate::config::resource_server::model::ResourceServerConfig;
use crate::identifier::Audience;

/// Builds a [`ResourceServerConfig`]; see [`ResourceServerConfig::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ResourceServerConfigBuilder {
    pub(super) audience: Audience,
    pub(super) issuers: Vec<TrustedIssuer>,
    pub(super) base_url: Option<String>,
    pub(super) name: Option<String>,
    pub(super) documentation: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) dpop: Option<DpopPolicy>,
    pub(super) token_cache_bytes: usize,
    pub(super) introspection_cache: Duration,
    pub(super) stale_keys: Duration,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) skew: Duration,
    pub(super) clock: Clock,
    pub(super) insecure_allowed: bool,
}

impl ResourceServerConfig {
    /// Begins the configuration of an API that takes access tokens of this audience.
    pub fn builder(audience: impl Into<Audience>) -> ResourceServerConfigBuilder {
        ResourceServerConfigBuilder {
            audience: audience.into(),
            issuers: Vec::new(),
            base_url: None,
            name: None,
            documentation: None,
            scopes: Vec::new(),
            dpop: None,
            token_cache_bytes: 64 * 1024 * 1024,
            introspection_cache: Duration::from_secs(60),
            stale_keys: Duration::from_secs(24 * 3_600),
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(5),
            skew: Duration::from_secs(30),
            clock: Clock::system(),
            insecure_allowed: false,
        }
    }
}

impl ResourceServerConfigBuilder {
    /// Takes tokens of this issuer too; at least one is needed.
    pub fn add_issuer(mut self, issuer: TrustedIssuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// Says where the API lives, as its callers see it.
    ///
    /// The layer then serves the metadata of the protected resource (RFC 9728) at
    /// `/.well-known/oauth-protected-resource`, and every challenge names it. DPoP needs it too.
    /// Default: none is served.
    pub fn with_base_url(mut self, base_url: &str) -> Self {
        self.base_url = Some(base_url.to_owned());
        self
    }

    /// Names the API for people (`resource_name`, RFC 9728 §2).
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Says where developers read about the API (`resource_documentation`, RFC 9728 §2).
    pub fn with_documentation(mut self, url: &str) -> Self {
        self.documentation = Some(url.to_owned());
        self
    }

    /// Lists a scope in the metadata (`scopes_supported`, RFC 9728 §2).
    pub fn add_scope(mut self, scope: &str) -> Self {
        self.scopes.push(scope.to_owned());
        self
    }

    /// Takes tokens that are bound to a key, with a proof of its possession (RFC 9449).
    ///
    /// Without it a bound token is refused however it is sent: nobody could check who sends it.
    pub fn with_dpop(mut self, policy: DpopPolicy) -> Self {
        self.dpop = Some(policy);
        self
    }

    /// Bounds the memory of the cache of verified tokens, in bytes; default 64 MiB, and 0 turns it off.
    ///
    /// While a token is cached, its signature is not checked again, and an opaque one is not asked about.
    pub fn with_token_cache_bytes(mut self, bytes: usize) -> Self {
        self.token_cache_bytes = bytes;
        self
    }

    /// Believes the answer about an opaque token for this long, never beyond the token's `exp`;
    /// default 60 seconds, at most an hour, and zero asks for every request.
    ///
    /// It is how late a revocation at the provider may be noticed (RFC 7662 §4).
    pub fn with_introspection_cache(mut self, lifetime: Duration) -> Self {
        self.introspection_cache = lifetime;
        self
    }

    /// Believes keys that cannot be fetched again for this long; default 24 hours, at least 10 minutes.
    pub fn with_stale_keys(mut self, age: Duration) -> Self {
        self.stale_keys = age;
        self
    }

    /// Bounds the time in which a connection to an issuer is made; default: 3 seconds.
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Bounds the time of one request to an issuer; default: 5 seconds.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Tolerates clocks that differ by this much; default: 30 seconds, at most 60.
    pub fn with_clock_skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// Injects the time, for tests.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Lets issuers and this API be plain http beyond loopback: tokens can be read and keys replaced on
    /// the way (RFC 9700 §2.6). For test networks.
    pub fn danger_allow_http_urls(mut self) -> Self {
        self.insecure_allowed = true;
        self
    }
}
