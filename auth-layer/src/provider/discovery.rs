//! Provider metadata (OpenID Connect Discovery §4).

use url::Url;

use crate::config::is_secure_or_loopback;
use crate::identifier::Issuer;
use crate::provider::error::{FailedAt, ProviderError};
use crate::provider::wire::MetadataDocument;

/// What the provider says about itself.
#[derive(Debug)]
pub(crate) struct Metadata {
    authorization: Option<Url>,
    token: Option<Url>,
    pub(crate) jwks: Option<Url>,
    pub(crate) userinfo: Option<Url>,
    pub(crate) revocation: Option<Url>,
    pub(crate) end_session: Option<Url>,
    pub(crate) introspection: Option<Url>,
    pub(crate) promises_iss: bool,
}

impl Metadata {
    pub(crate) fn parse(body: &[u8], issuer: &Issuer) -> Result<Self, ProviderError> {
        let document: MetadataDocument = serde_json::from_slice(body).map_err(|_| {
            ProviderError::new(FailedAt::Answer, "the metadata is no OpenID provider metadata")
        })?;
        if *issuer != *document.issuer {
            // A name in public metadata, cut and escaped: the one text of the provider's that is shown.
            let named: String = document.issuer.chars().take(MAX_SHOWN).collect();
            let why = format!(
                "the provider calls itself {named:?}, the configuration says {:?}: write the issuer as the provider does",
                issuer.as_str()
            );
            return Err(ProviderError::new(FailedAt::Issuer, why));
        }
        let weakest = Weakest::of(issuer);
        let endpoint = |name: &str, value: &str| {
            let url = Url::parse(value).ok().filter(|url| weakest.allows(url));
            url.ok_or_else(|| {
                ProviderError::new(FailedAt::Answer, format!("the metadata's {name} is not https"))
            })
        };
        let optional = |name: &str, value: &Option<String>| {
            value.as_deref().map(|value| endpoint(name, value)).transpose()
        };
        Ok(Self {
            authorization: optional("authorization_endpoint", &document.authorization_endpoint)?,
            token: optional("token_endpoint", &document.token_endpoint)?,
            jwks: optional("jwks_uri", &document.jwks_uri)?,
            introspection: optional("introspection_endpoint", &document.introspection_endpoint)?,
            userinfo: optional("userinfo_endpoint", &document.userinfo_endpoint)?,
            revocation: optional("revocation_endpoint", &document.revocation_endpoint)?,
            end_session: optional("end_session_endpoint", &document.end_session_endpoint)?,
            promises_iss: document.authorization_response_iss_parameter_supported,
        })
    }

    /// Where users log in; an issuer that only resource servers know need not have it.
    ///
    /// Nobody is sent there in vain: all that the end of a login needs must be there too.
    pub(crate) fn for_login(&self) -> Result<&Url, ProviderError> {
        self.token()?;
        self.jwks.as_ref().ok_or_else(|| missing("jwks_uri"))?;
        self.authorization.as_ref().ok_or_else(|| missing("authorization_endpoint"))
    }

    /// Where tokens are issued; an issuer that only resource servers know need not have it.
    pub(crate) fn token(&self) -> Result<&Url, ProviderError> {
        self.token.as_ref().ok_or_else(|| missing("token_endpoint"))
    }
}

fn missing(name: &str) -> ProviderError {
    ProviderError::new(FailedAt::Answer, format!("the metadata names no {name}"))
}

/// The weakest endpoint that goes with an issuer: none is weaker than the issuer itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weakest {
    Https,
    /// The issuer is on loopback: its http endpoints may not leave this machine.
    HttpOnLoopback,
    /// `danger_allow_http_urls` let the issuer be http.
    Http,
}

impl Weakest {
    fn of(issuer: &Issuer) -> Self {
        match Url::parse(issuer.as_str()) {
            Ok(url) if url.scheme() == "http" && is_secure_or_loopback(&url) => Self::HttpOnLoopback,
            Ok(url) if url.scheme() == "http" => Self::Http,
            _ => Self::Https,
        }
    }

    fn allows(self, url: &Url) -> bool {
        match self {
            Self::Https => url.scheme() == "https",
            Self::HttpOnLoopback => is_secure_or_loopback(url),
            Self::Http => matches!(url.scheme(), "https" | "http"),
        }
    }
}

/// Where the metadata is: the well-known path goes behind the issuer's own (Discovery §4.1).
pub(crate) fn address(issuer: &Issuer) -> String {
    format!("{}/.well-known/openid-configuration", issuer.as_str().trim_end_matches('/'))
}

const MAX_SHOWN: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_endpoint_is_weaker_than_its_issuer() {
        for (issuer, endpoint, allowed) in [
            ("https://op.example", "https://op.example/token", true),
            ("https://op.example", "http://op.example/token", false),
            ("https://op.example", "http://127.0.0.1:9/token", false),
            ("http://127.0.0.1:1", "http://127.0.0.1:1/token", true),
            ("http://127.0.0.1:1", "https://op.example/token", true),
            ("http://127.0.0.1:1", "http://op.example/token", false),
            ("http://op.internal", "http://op.internal/token", true),
            ("http://op.internal", "javascript:alert(1)", false),
        ] {
            let found = Url::parse(endpoint).is_ok_and(|url| Weakest::of(&Issuer::from(issuer)).allows(&url));
            assert_eq!(found, allowed, "{issuer} {endpoint}");
        }
    }
}
