//! The authorization request (OpenID Connect Core §3.1.2.1, RFC 7636 §4.3).

use std::time::Duration;

use url::Url;

use crate::config::AudienceParameter;
use crate::identifier::Audience;
use crate::provider::client::Provider;
use crate::provider::error::ProviderError;
use crate::provider::wire::{parameter, value};
use crate::scope::ScopeSet;

/// What a login asks of the provider.
#[derive(Debug)]
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) redirect_uri: &'a str,
    pub(crate) scopes: &'a ScopeSet,
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) code_challenge: &'a str,
    pub(crate) audience: Option<&'a Audience>,
    /// What else the refresh token shall be good for; each in a `resource` of its own.
    pub(crate) further_audiences: &'a [Audience],
    pub(crate) max_age: Option<Duration>,
    pub(crate) extra: &'a [(String, String)],
}

impl Provider {
    /// Where the browser is sent.
    pub(crate) async fn authorization_url(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Result<Url, ProviderError> {
        let metadata = self.metadata().await?;
        let mut url = metadata.for_login()?.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair(parameter::RESPONSE_TYPE, value::CODE)
                .append_pair(parameter::CLIENT_ID, self.settings().client_id.as_str())
                .append_pair(parameter::REDIRECT_URI, request.redirect_uri)
                .append_pair(parameter::SCOPE, &request.scopes.to_string())
                .append_pair(parameter::STATE, request.state)
                .append_pair(parameter::NONCE, request.nonce)
                .append_pair(parameter::CODE_CHALLENGE, request.code_challenge)
                .append_pair(parameter::CODE_CHALLENGE_METHOD, "S256");
            for (name, value) in self.audience_parameters(request.audience) {
                query.append_pair(name, value);
            }
            // `audience` has one value; of several resources each is one parameter (RFC 8707 §2).
            let further =
                request.further_audiences.iter().map(|further| self.audience_parameters(Some(further)));
            for (name, value) in further.flatten().filter(|(name, _)| *name == parameter::RESOURCE) {
                query.append_pair(name, value);
            }
            if let Some(max_age) = request.max_age {
                query.append_pair(parameter::MAX_AGE, &max_age.as_secs().to_string());
            }
            for (name, value) in request.extra {
                query.append_pair(name, value);
            }
        }
        Ok(url)
    }

    /// `audience`, and `resource` where it is an absolute URI without a fragment (RFC 8707 §2).
    pub(crate) fn audience_parameters<'a>(
        &self,
        audience: Option<&'a Audience>,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let wanted = self.settings().audience_parameter;
        let both = wanted == AudienceParameter::Both;
        let is_uri =
            |audience: &Audience| Url::parse(audience.as_str()).is_ok_and(|url| url.fragment().is_none());
        let by_name = audience.filter(|_| both || wanted == AudienceParameter::Audience);
        let by_uri =
            audience.filter(|audience| (both && is_uri(audience)) || wanted == AudienceParameter::Resource);
        let named = by_name.map(|audience| (parameter::AUDIENCE, audience.as_str()));
        named.into_iter().chain(by_uri.map(|audience| (parameter::RESOURCE, audience.as_str())))
    }
}
