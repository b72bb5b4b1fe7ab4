//! What an issuer publishes: its metadata and its keys, fetched over connections of one client.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use url::Url;

use crate::clock::Clock;
use crate::identifier::Issuer;
use crate::provider::discovery::{Metadata, address};
use crate::provider::error::{FailedAt, ProviderError};
use crate::provider::fetched::Fetched;
use crate::provider::http::{self, Answer};

/// The published documents of one issuer, and the way to fetch them.
#[derive(Debug)]
pub(crate) struct Documents {
    issuer: Issuer,
    client: Client,
    clock: Clock,
    timeout: Duration,
    /// Where the keys are, if not where the metadata says.
    jwks_uri: Option<String>,
    metadata: Fetched<Metadata>,
}

impl Documents {
    pub(crate) fn new(
        issuer: Issuer,
        jwks_uri: Option<String>,
        client: Client,
        timeout: Duration,
        clock: Clock,
    ) -> Self {
        Self { issuer, client, timeout, jwks_uri, metadata: Fetched::new(clock.clone()), clock }
    }

    pub(crate) const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How long one of the documents may take.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Whether the keys are where the metadata says.
    pub(crate) const fn follows_metadata(&self) -> bool {
        self.jwks_uri.is_none()
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, ProviderError> {
        http::send(request, &self.clock).await
    }

    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        self.metadata
            .fresh(METADATA_AGE, || async {
                let address = address(&self.issuer);
                let answer = self.send(self.client.get(&address)).await?;
                if answer.status != StatusCode::OK {
                    return Err(answer.failure().at_address(&address));
                }
                Metadata::parse(&answer.body, &self.issuer)
            })
            .await
    }

    /// Fetches the document of the keys (RFC 7517 §5), as it comes.
    pub(crate) async fn fetch_jwks(&self) -> Result<Vec<u8>, ProviderError> {
        let address = match &self.jwks_uri {
            Some(address) => Url::parse(address).ok(),
            None => self.metadata().await?.jwks.clone(),
        };
        let address =
            address.ok_or_else(|| ProviderError::new(FailedAt::Answer, "the metadata names no jwks_uri"))?;
        let answer = self.send(self.client.get(address)).await?;
        if answer.status == StatusCode::OK { Ok(answer.body) } else { Err(answer.failure()) }
    }
}

const METADATA_AGE: Duration = Duration::from_secs(3_600);
