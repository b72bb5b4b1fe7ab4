//! An issuer as a resource server sees it: its keys, and what it says about opaque tokens (RFC 7662).

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use url::Url;

use crate::clock::Clock;
use crate::config::{Introspection, IssuerSettings};
use crate::provider::client_authentication::authenticate;
use crate::provider::documents::Documents;
use crate::provider::error::{FailedAt, ProviderError};
use crate::provider::http;
use crate::provider::keys::KeySource;
use crate::provider::wire::{parameter, value};

/// An issuer whose tokens are taken.
#[derive(Clone, Debug)]
pub(crate) struct TrustedProvider {
    documents: Arc<Documents>,
    pub(crate) keys: KeySource,
    introspection: Option<Introspection>,
}

/// How issuers are reached.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) stale_keys: Duration,
    pub(crate) clock: Clock,
}

impl TrustedProvider {
    /// Does no I/O.
    pub(crate) fn new(settings: &IssuerSettings, reach: &Reach) -> Result<Self, reqwest::Error> {
        let documents = Arc::new(Documents::new(
            settings.issuer.clone(),
            settings.jwks_uri.clone(),
            http::client(reach.connect_timeout, reach.timeout)?,
            reach.timeout,
            reach.clock.clone(),
        ));
        let keys = KeySource::new(Arc::clone(&documents), reach.stale_keys);
        Ok(Self { documents, keys, introspection: settings.introspection.clone() })
    }

    pub(crate) const fn introspects(&self) -> bool {
        self.introspection.is_some()
    }

    /// Asks about a token (RFC 7662 §2.1); the answer is not judged here.
    pub(crate) async fn introspect(&self, token: &str) -> Result<Vec<u8>, ProviderError> {
        let Some(introspection) = &self.introspection else {
            return Err(ProviderError::new(FailedAt::Request, "introspection is not configured"));
        };
        let endpoint = match &introspection.endpoint {
            Some(endpoint) => Url::parse(endpoint).ok(),
            None => self.documents.metadata().await?.introspection.clone(),
        };
        let endpoint = endpoint.ok_or_else(|| {
            ProviderError::new(FailedAt::Answer, "the metadata names no introspection_endpoint")
        })?;
        let form = vec![(parameter::TOKEN, token), (parameter::TOKEN_TYPE_HINT, value::ACCESS_TOKEN)];
        let request = self.documents.client().post(endpoint).header(ACCEPT, "application/json");
        let client_id = introspection.client_id.as_str();
        let request = authenticate(request, form, client_id, &introspection.authentication);
        let answer = self.documents.send(request).await?;
        match answer.status {
            StatusCode::OK => Ok(answer.body),
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let issuer = self.documents.issuer().as_str();
                tracing::error!(
                    issuer,
                    client_id,
                    "the issuer does not answer this client about tokens: check its id and its secret"
                );
                Err(answer.failure())
            }
            _ => Err(answer.failure()),
        }
    }
}
