//! The resource server: the issuers it trusts, the tokens it knows, and what it has been told to refuse.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Uri;
use http::request::Parts;

use crate::clock::{Clock, Timestamp};
use crate::config::{ConfigError, IssuerSettings, ResourceServerConfig};
use crate::identifier::{Audience, ClientId, Issuer, Subject};
use crate::provider::{FailedAt, Reach, TrustedProvider};
use crate::resource_server::cache::{Cached, TokenCache, allocated, shared};
use crate::resource_server::challenge::{Challenge, WELL_KNOWN};
use crate::resource_server::credentials::{Credentials, Presented};
use crate::resource_server::introspection::Introspections;
use crate::resource_server::metadata;
use crate::resource_server::possession::Possession;
use crate::resource_server::refusal::Refusal;
use crate::resource_server::revocations::Revocations;
use crate::token::{BearerToken, Scheme};

/// A resource server (RFC 6749 §1.1): takes tokens of the issuers that it trusts, and no other.
#[derive(Debug)]
pub(crate) struct ResourceServer {
    pub(super) config: ResourceServerConfig,
    pub(super) issuers: Vec<Trusted>,
    pub(super) tokens: TokenCache<BearerToken>,
    pub(super) revocations: Revocations,
    pub(super) introspections: Introspections,
    possession: Option<Possession>,
    challenge: Arc<Challenge>,
    metadata: Option<(String, String)>,
}

/// An issuer: what is expected of its tokens, and how it is reached.
#[derive(Debug)]
pub(super) struct Trusted {
    pub(super) settings: IssuerSettings,
    pub(super) provider: TrustedProvider,
}

impl ResourceServer {
    /// Sets up a resource server, and begins to look after the keys of its issuers.
    ///
    /// It waits for their first keys, all at once and no longer than they may take; without them it starts
    /// all the same.
    pub(crate) async fn start(config: ResourceServerConfig) -> Result<Self, ConfigError> {
        let server = Self::new(config)?;
        for trusted in &server.issuers {
            trusted.provider.keys.start_upkeep();
        }
        for trusted in &server.issuers {
            match trusted.provider.keys.first().await {
                Ok(_) => {}
                // The metadata, which says where the keys are, is of another issuer (Discovery §4.3).
                Err(error) if error.stage() == FailedAt::Issuer => {
                    return Err(ConfigError::issuer(error.why()));
                }
                Err(error) => {
                    let issuer = trusted.settings.issuer.as_str();
                    tracing::warn!(issuer, %error, "the issuer's keys are not there at the start: its tokens get 503 until they are");
                }
            }
        }
        Ok(server)
    }

    fn new(config: ResourceServerConfig) -> Result<Self, ConfigError> {
        let reach = Reach {
            connect_timeout: config.connect_timeout,
            timeout: config.timeout,
            stale_keys: config.stale_keys,
            clock: config.clock.clone(),
        };
        let trust = |settings: &IssuerSettings| {
            let provider = TrustedProvider::new(settings, &reach).map_err(|_| ConfigError::http_client())?;
            Ok(Trusted { settings: settings.clone(), provider })
        };
        let path =
            |published: &crate::config::PublishedResource| published.base_url.well_known_path(WELL_KNOWN);
        Ok(Self {
            issuers: config.issuers.iter().map(trust).collect::<Result<_, _>>()?,
            tokens: TokenCache::new(config.token_cache_bytes),
            revocations: Revocations::new(config.clock.clone()),
            introspections: Introspections::default(),
            possession: config.dpop.as_ref().zip(config.published.as_ref()).map(|(policy, published)| {
                Possession::new(policy, published.base_url.clone(), config.clock.clone())
            }),
            challenge: Arc::new(Challenge::new(&config)),
            metadata: config.published.as_ref().map(path).zip(metadata::document(&config)),
            config,
        })
    }

    pub(crate) const fn audience(&self) -> &Audience {
        &self.config.realm
    }

    pub(crate) const fn clock(&self) -> &Clock {
        &self.config.clock
    }

    pub(crate) const fn challenge(&self) -> &Arc<Challenge> {
        &self.challenge
    }

    /// The metadata document, where `path` is its path.
    pub(crate) fn metadata_at(&self, path: &str) -> Option<&str> {
        let (at, document) = self.metadata.as_ref()?;
        (at == path).then_some(document)
    }

    /// The token of a request, where it was verified before and is still good: a hash and a look-up.
    pub(crate) fn known(&self, credentials: &Credentials<'_>) -> Option<Arc<BearerToken>> {
        let token = self.tokens.find(credentials.token)?;
        let (now, standing) = (self.config.clock.now(), &token.standing);
        // What was verified at a time that is yet to come is of a clock that was set back since: the token
        // is judged by the present one, and no issuer's word is believed for longer than it may be.
        if now >= standing.good_until || now < standing.judged_at {
            self.tokens.remove(credentials.token);
            return None;
        }
        let epoch = self.epoch(standing.issuer);
        if standing.judged_in.load(Ordering::Acquire) == epoch {
            return Some(token);
        }
        if self.is_still_good(&token) {
            standing.judged_in.store(epoch, Ordering::Release);
            return Some(token);
        }
        self.tokens.remove(credentials.token);
        None
    }

    /// Goes up whenever a token of this issuer may have to be judged again.
    pub(super) fn epoch(&self, issuer: usize) -> u64 {
        // Neither goes down, so that the sum is the same only where both are.
        let keys = self.issuers.get(issuer).map_or(0, |trusted| trusted.provider.keys.version());
        keys.wrapping_add(self.revocations.epoch())
    }

    /// Whether its key is still one of its issuer's, and nobody has revoked it.
    fn is_still_good(&self, token: &BearerToken) -> bool {
        let Some(trusted) = self.issuers.get(token.standing.issuer) else { return false };
        let key_holds = token.standing.key.as_ref().is_none_or(|thumbprint| {
            let keys = trusted.provider.keys.held(self.config.clock.now());
            keys.is_some_and(|keys| keys.holds(thumbprint))
        });
        key_holds && !self.is_revoked(token)
    }

    pub(super) fn is_revoked(&self, token: &BearerToken) -> bool {
        let subject = token.subject.as_ref().map(Subject::as_str);
        self.revocations.is_revoked(&token.issuer, token.token_id.as_deref(), subject, token.issued_at)
    }

    pub(crate) fn revoke_token(&self, issuer: &Issuer, token_id: &str, expires_at: Timestamp) {
        self.revocations.revoke_token(issuer, token_id, expires_at.plus(self.config.skew));
    }

    pub(crate) fn revoke_subject(&self, issuer: &Issuer, subject: &Subject, lifetime: Duration) {
        let now = self.config.clock.now();
        let until = now.plus(lifetime).plus(self.config.skew);
        self.revocations.revoke_subject(issuer, subject.as_str(), now, until);
    }

    /// Whether proofs of possession are looked at.
    pub(crate) const fn takes_proofs(&self) -> bool {
        self.possession.is_some()
    }

    /// Whether the token may be sent as it was: a bound one with its proof, an unbound one without (RFC 9449 §7).
    ///
    /// `sent_to` is the address as the client sent it, looked for where there is a proof to compare with it.
    pub(crate) fn check_possession<'a>(
        &self,
        credentials: &Credentials<'_>,
        token: &BearerToken,
        parts: &'a Parts,
        sent_to: impl FnOnce(&'a Parts) -> &'a Uri,
    ) -> Result<(), Refusal> {
        match (credentials.presented, token.scheme, &self.possession) {
            (Presented::Bearer, Scheme::Bearer, Some(possession)) if possession.is_required() => Err(
                Refusal::invalid_token("the token is bound to no key, and this API takes bound ones only"),
            ),
            (Presented::Bearer, Scheme::Bearer, _) => Ok(()),
            (Presented::Bearer, Scheme::Dpop { .. }, _) => {
                Err(Refusal::invalid_token("the token is bound to a key, and came as a plain bearer token"))
            }
            (Presented::Dpop, Scheme::Bearer, _) => {
                Err(Refusal::invalid_token("the token came with the scheme DPoP, and is bound to no key"))
            }
            (Presented::Dpop, Scheme::Dpop { .. }, None) => Err(Refusal::invalid_token(
                "the token is bound to a key, and this API takes no proofs: with_dpop(..)",
            )),
            (Presented::Dpop, Scheme::Dpop { thumbprint }, Some(possession)) => {
                possession.check(token.expose(), &thumbprint, &parts.method, sent_to(parts), &parts.headers)
            }
        }
    }
}

impl Cached for BearerToken {
    fn token(&self) -> &[u8] {
        &self.value
    }

    fn bytes(&self) -> usize {
        // What is shared with the settings, the issuer and the audiences, is not this token's.
        let names =
            [self.subject.as_ref().map(Subject::as_str), self.client_id.as_ref().map(ClientId::as_str)];
        let names = names.into_iter().flatten().map(|name| name.len() + 2 * size_of::<usize>());
        let others = [
            self.value.len(),
            self.answer.as_ref().map_or(0, |answer| answer.len()),
            self.token_id.as_ref().map_or(0, String::capacity),
            self.audiences.owned(),
        ];
        let owned: usize = names.chain(others).chain(self.granted.owned()).map(allocated).sum();
        shared::<Self>() + owned
    }

    fn ends_at(&self) -> Timestamp {
        self.standing.good_until
    }
}
