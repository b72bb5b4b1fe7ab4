//! The start of a login: the authorization request (OpenID Connect Core §3.1.2.1).

use std::time::Duration;

use http::{HeaderMap, HeaderValue};

use crate::flow::relying_party::RelyingParty;
use crate::flow::return_to;
use crate::one_time::{CodeVerifier, random_token};
use crate::provider::{AuthorizationRequest, ProviderError};
use crate::session::LoginAttempt;

/// Where the browser goes, with which cookies.
#[derive(Debug)]
pub(crate) struct Departure {
    pub(crate) location: String,
    pub(crate) set_cookies: Vec<HeaderValue>,
}

/// What the visitor asks of a login.
#[derive(Debug, Default)]
pub(crate) struct LoginRequest {
    /// Where to come back to; default: the base URL.
    pub(crate) return_to: Option<String>,
    /// Parameters of the authorization request, in place of those that are set.
    pub(crate) chosen: Vec<(String, String)>,
    /// The authentication that it must end with; empty for any class.
    ///
    /// Whoever sits at the browser could take what is asked for away from the address of the provider,
    /// too: it counts because the id token is held to it, and the handler's rule to the session.
    pub(crate) acr_values: Vec<String>,
    pub(crate) max_age: Option<Duration>,
}

impl RelyingParty {
    /// Begins a login.
    ///
    /// Each attempt has a cookie of its own, so that two tabs may log in at once; of abandoned ones
    /// the oldest are deleted once all together pass the byte cap.
    pub(crate) async fn begin_login(
        &self,
        request: LoginRequest,
        headers: &HeaderMap,
    ) -> Result<Departure, ProviderError> {
        let config = &self.config;
        let LoginRequest { return_to, mut chosen, acr_values, max_age } = request;
        if !acr_values.is_empty() {
            chosen.retain(|(name, _)| name != ACR_VALUES);
            chosen.push((ACR_VALUES.to_owned(), acr_values.join(" ")));
        }
        let set = config.authorization_parameters.iter();
        let kept = set.filter(|(name, _)| !chosen.iter().any(|(other, _)| other == name)).cloned();
        let extra: Vec<(String, String)> = kept.chain(chosen.iter().cloned()).collect();
        let return_to = return_to.and_then(|wanted| self.resolve_return(&wanted));
        let max_age = config.max_age.into_iter().chain(max_age).min();
        let attempt = LoginAttempt {
            state: random_token(),
            nonce: random_token(),
            code_verifier: CodeVerifier::random(),
            return_to: return_to.unwrap_or_else(|| config.base_url.url().to_string()),
            redirect_uri: self.redirect_uri(),
            issuer: config.issuer.clone(),
            max_age,
            acr_values,
            started_at: config.clock.now(),
        };
        let location = self
            .provider
            .authorization_url(&AuthorizationRequest {
                redirect_uri: &attempt.redirect_uri,
                scopes: &config.scopes,
                state: &attempt.state,
                nonce: &attempt.nonce,
                code_challenge: &attempt.code_verifier.challenge(),
                audience: config.audience.as_ref(),
                further_audiences: &config.further_audiences,
                max_age,
                extra: &extra,
            })
            .await?;
        let set_cookies = self.attempts.begin(&attempt, headers, config.clock.now());
        Ok(Departure { location: location.into(), set_cookies })
    }

    /// The callback's address, from the configured base URL and never from a request's `Host`.
    pub(crate) fn redirect_uri(&self) -> String {
        self.config.base_url.join(&self.config.paths.callback)
    }

    pub(crate) fn resolve_return(&self, wanted: &str) -> Option<String> {
        let allowed = &self.config.allowed_return_origins;
        return_to::resolve(wanted, &self.config.base_url, allowed).map(String::from)
    }
}

const ACR_VALUES: &str = "acr_values";
