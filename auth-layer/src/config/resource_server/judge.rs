//! Judging the configuration of a resource server.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::claim_path::{ClaimPath, ClaimTerms};
use crate::config::base_url::{BaseUrl, has_credentials, is_secure_or_loopback};
use crate::config::error::ConfigError;
use crate::config::judge::parse_issuer;
use crate::config::model::ClientAuthentication;
use crate::config::resource_server::builder::ResourceServerConfigBuilder;
use crate::config::resource_server::dpop::{DpopPolicy, NonceKey};
use crate::config::resource_server::issuer::TrustedIssuer;
use crate::config::resource_server::model::{
    Introspection, IssuerSettings, PublishedResource, ResourceServerConfig,
};
use crate::identifier::Audience;

impl ResourceServerConfigBuilder {
    /// Judges the configuration.
    ///
    /// # Errors
    /// [`ConfigError`]: the first value that cannot work, and the fix.
    pub fn build(self) -> Result<ResourceServerConfig, ConfigError> {
        check_audience(&self.audience)?;
        if self.issuers.is_empty() {
            let fix = "add_issuer(TrustedIssuer::new(\"https://op.example\")), or AUTH_ISSUER";
            return Err(ConfigError::missing("a trusted issuer", fix));
        }
        if self.insecure_allowed {
            tracing::warn!("danger_allow_http_urls: tokens can be read on the way, and keys replaced");
        }
        let issuers = self.issuers.iter().map(|issuer| self.judge_issuer(issuer));
        let issuers = issuers.collect::<Result<Vec<_>, _>>()?;
        for (index, one) in issuers.iter().enumerate() {
            if issuers[..index].iter().any(|other| other.issuer == one.issuer) {
                let fix = "add it once, with every audience that it issues tokens for";
                return Err(ConfigError::wrong("issuer", one.issuer.as_str(), "is trusted twice", fix));
            }
        }
        if issuers.iter().filter(|issuer| issuer.introspection.is_some()).count() > 1 {
            let fix = "introspect at one of them: a token is shown to nobody but its own issuer";
            return Err(ConfigError::wrong_secret(
                "introspection",
                "is asked of two issuers, and an opaque token does not say whose it is",
                fix,
            ));
        }
        let published = self.published()?;
        if let Some(policy) = &self.dpop {
            check_dpop(policy, published.is_some())?;
        }
        self.check_numbers()?;
        Ok(ResourceServerConfig {
            issuers,
            published,
            realm: self.audience,
            dpop: self.dpop,
            token_cache_bytes: self.token_cache_bytes,
            introspection_cache: self.introspection_cache,
            stale_keys: self.stale_keys,
            connect_timeout: self.connect_timeout,
            timeout: self.timeout,
            skew: self.skew,
            clock: self.clock,
        })
    }

    fn judge_issuer(&self, trusted: &TrustedIssuer) -> Result<IssuerSettings, ConfigError> {
        let issuer = parse_issuer(&trusted.issuer, self.insecure_allowed)?;
        for audience in &trusted.audiences {
            check_audience(audience)?;
        }
        if trusted.algorithms.as_ref().is_some_and(Vec::is_empty) {
            let fix = "name at least one, or leave the list out";
            return Err(ConfigError::wrong("algorithms of", issuer.as_str(), "are none", fix));
        }
        if trusted
            .scope_claims
            .as_ref()
            .is_some_and(|claims| claims.is_empty() || claims.iter().any(ClaimPath::is_empty))
        {
            let fix = "name a claim, such as ClaimPath::named(\"scope\")";
            return Err(ConfigError::wrong("scope claims of", issuer.as_str(), "lack a name", fix));
        }
        if let Some(kind) = trusted.claims.without_names() {
            let what = format!("{kind} of");
            let fix = "name a claim, such as ClaimPath::named(\"roles\")";
            return Err(ConfigError::wrong(&what, issuer.as_str(), "lack a name", fix));
        }
        let mut audiences = trusted.audiences.clone();
        if audiences.is_empty() {
            audiences.push(self.audience.clone());
        }
        let mut introspection = trusted.introspection.clone();
        match (&mut introspection, &trusted.introspection_endpoint) {
            (Some(introspection), endpoint) => {
                check_credentials(introspection)?;
                introspection.endpoint = endpoint.clone();
            }
            (None, Some(endpoint)) => {
                let fix =
                    "add with_introspection(client_id, client_secret): an issuer answers known clients only";
                return Err(ConfigError::wrong("introspection endpoint", endpoint, "lacks a client", fix));
            }
            (None, None) => {}
        }
        for (what, url) in
            [("JWKS URI", &trusted.jwks_uri), ("introspection endpoint", &trusted.introspection_endpoint)]
        {
            if let Some(url) = url {
                self.check_url(what, url)?;
            }
        }
        Ok(IssuerSettings {
            issuer,
            audiences,
            profile: trusted.profile,
            algorithms: trusted.algorithms.clone(),
            scope_claims: trusted.scope_claims.clone(),
            terms: Arc::new(ClaimTerms {
                paths: trusted.claims.clone(),
                clock: self.clock.clone(),
                skew: self.skew,
            }),
            jwks_uri: trusted.jwks_uri.clone(),
            introspection,
        })
    }

    fn published(&self) -> Result<Option<PublishedResource>, ConfigError> {
        let Some(base_url) = &self.base_url else {
            let (name, documentation) = (self.name.as_ref(), self.documentation.as_ref());
            let said = [("name", name), ("documentation", documentation), ("scope", self.scopes.first())];
            if let Some((what, Some(value))) = said.into_iter().find(|(_, value)| value.is_some()) {
                let fix = "add with_base_url(..), under which the metadata is served";
                return Err(ConfigError::wrong(what, value, "is published nowhere", fix));
            }
            return Ok(None);
        };
        if let Some(documentation) = &self.documentation {
            self.check_url("documentation", documentation)?;
        }
        Ok(Some(PublishedResource {
            base_url: BaseUrl::parse(base_url, self.insecure_allowed)?,
            name: self.name.clone(),
            documentation: self.documentation.clone(),
            scopes: self.scopes.clone(),
        }))
    }

    fn check_url(&self, what: &str, value: &str) -> Result<(), ConfigError> {
        let fix = "write an https URL";
        let url = Url::parse(value).map_err(|_| ConfigError::wrong(what, value, "is no URL", fix))?;
        if has_credentials(&url) {
            return Err(ConfigError::wrong_secret(what, "has a username or a password", fix));
        }
        let allowed = is_secure_or_loopback(&url) || (self.insecure_allowed && url.scheme() == "http");
        if allowed { Ok(()) } else { Err(ConfigError::wrong(what, value, "must be https", fix)) }
    }

    fn check_numbers(&self) -> Result<(), ConfigError> {
        let seconds = Duration::from_secs;
        let checks = [
            ("clock skew", self.skew, Duration::ZERO, seconds(60)),
            ("introspection cache", self.introspection_cache, Duration::ZERO, seconds(3_600)),
            ("age of stale keys", self.stale_keys, seconds(600), seconds(7 * 24 * 3_600)),
            ("connect timeout", self.connect_timeout, Duration::from_millis(100), seconds(60)),
            ("timeout", self.timeout, Duration::from_millis(100), seconds(120)),
        ];
        for (what, value, least, most) in checks {
            if value < least || value > most {
                let fix = format!("choose between {least:?} and {most:?}");
                return Err(ConfigError::wrong(what, &format!("{value:?}"), "is out of bounds", &fix));
            }
        }
        if self.token_cache_bytes != 0 && self.token_cache_bytes < MIN_CACHE_BYTES {
            let fix = "give it 1 MiB or more, or 0 to turn it off";
            let value = self.token_cache_bytes.to_string();
            return Err(ConfigError::wrong("token cache of", &value, "bytes is too small", fix));
        }
        Ok(())
    }
}

fn check_audience(audience: &Audience) -> Result<(), ConfigError> {
    let fix = "write the API's identifier as the provider writes it into `aud`";
    let shown = |byte: u8| (b' '..=b'~').contains(&byte);
    match audience.as_str() {
        "" => Err(ConfigError::wrong("audience", "", "is empty", fix)),
        text if !text.bytes().all(shown) => {
            Err(ConfigError::wrong("audience", text, "cannot be written in a challenge", fix))
        }
        _ => Ok(()),
    }
}

fn check_credentials(introspection: &Introspection) -> Result<(), ConfigError> {
    let fix = "register this API as a client with a secret (RFC 7662 §2.1)";
    if introspection.client_id == "" {
        return Err(ConfigError::missing("the introspection client's id", fix));
    }
    match &introspection.authentication {
        ClientAuthentication::Basic(secret) | ClientAuthentication::Post(secret)
            if secret.expose().is_empty() =>
        {
            Err(ConfigError::wrong_secret("the introspection client's secret", "is empty", fix))
        }
        ClientAuthentication::None => {
            Err(ConfigError::wrong_secret("the introspection client", "has no secret", fix))
        }
        _ => Ok(()),
    }
}

fn check_dpop(policy: &DpopPolicy, has_base_url: bool) -> Result<(), ConfigError> {
    if !has_base_url {
        let fix =
            "add with_base_url(\"https://api.example\"): a proof names the address that it was made for";
        return Err(ConfigError::missing("the base URL that DPoP needs", fix));
    }
    if policy.max_age < Duration::from_secs(1) || policy.max_age > Duration::from_secs(60) {
        let (value, fix) = (format!("{:?}", policy.max_age), "choose between 1s and 60s");
        return Err(ConfigError::wrong("age of a DPoP proof", &value, "is out of bounds", fix));
    }
    match &policy.nonce {
        Some(NonceKey::Shared(key)) if key.expose().len() < 32 => Err(ConfigError::wrong_secret(
            "the DPoP nonce key",
            "has fewer than 32 bytes",
            "set it to the output of `openssl rand -hex 32`",
        )),
        _ => Ok(()),
    }
}

const MIN_CACHE_BYTES: usize = 1024 * 1024;
