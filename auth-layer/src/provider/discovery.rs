//! Provider metadata (OpenID Connect Discovery §4).

use url::Url;

use crate::config::is_secure_or_loopback;
use crate::identifier::Issuer;
use crate::provider::error::{FailedAt, ProviderError};
use crate::provider::wire::MetadataDocument;

/// What the provider says about itself.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) jwks: Url,
    pub(crate) userinfo: Option<Url>,
    pub(crate) revocation: Option<Url>,
    pub(crate) end_session: Option<Url>,
    pub(crate) promises_iss: bool,
}

impl Metadata {
    pub(crate) fn parse(body: &[u8], issuer: &Issuer) -> Result<Self, ProviderError> {
        let document: MetadataDocument = serde_json::from_slice(body).map_err(|_| {
            ProviderError::new(FailedAt::Answer, "the metadata is no OpenID provider metadata")
        })?;
        if *issuer != *document.issuer {
            let why =
                "the metadata is of another issuer: configure the issuer exactly as the provider writes it";
            return Err(ProviderError::new(FailedAt::Issuer, why));
        }
        // A provider that is reached by http was allowed to be; its endpoints may be no weaker than that.
        let insecure = issuer.as_str().starts_with("http://");
        let endpoint = |name: &str, value: &str| {
            let url = Url::parse(value)
                .ok()
                .filter(|url| is_secure_or_loopback(url) || insecure && url.scheme() == "http");
            url.ok_or_else(|| {
                ProviderError::new(FailedAt::Answer, format!("the metadata's {name} is not https"))
            })
        };
        let optional = |name: &str, value: &Option<String>| {
            value.as_deref().map(|value| endpoint(name, value)).transpose()
        };
        Ok(Self {
            authorization: endpoint("authorization_endpoint", &document.authorization_endpoint)?,
            token: endpoint("token_endpoint", &document.token_endpoint)?,
            jwks: endpoint("jwks_uri", &document.jwks_uri)?,
            userinfo: optional("userinfo_endpoint", &document.userinfo_endpoint)?,
            revocation: optional("revocation_endpoint", &document.revocation_endpoint)?,
            end_session: optional("end_session_endpoint", &document.end_session_endpoint)?,
            promises_iss: document.authorization_response_iss_parameter_supported,
        })
    }
}

/// Where the metadata is: the well-known path goes behind the issuer's own (Discovery §4.1).
pub(crate) fn address(issuer: &Issuer) -> String {
    format!("{}/.well-known/openid-configuration", issuer.as_str().trim_end_matches('/'))
}
