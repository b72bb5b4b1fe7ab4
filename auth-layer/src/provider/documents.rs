//! What an issuer publishes: its metadata and its keys, fetched over connections of one client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Whether the keys did not come, so that they may be elsewhere by now.
    has_missed_keys: AtomicBool,
}

impl Documents {
    pub(crate) fn new(
        issuer: Issuer,
        jwks_uri: Option<String>,
        client: Client,
        timeout: Duration,
        clock: Clock,
    ) -> Self {
        let metadata = Fetched::new(clock.clone());
        Self { issuer, client, timeout, jwks_uri, metadata, clock, has_missed_keys: AtomicBool::new(false) }
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

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, ProviderError> {
        http::send(request, &self.clock).await
    }

    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        self.metadata_of(METADATA_AGE).await
    }

    async fn metadata_of(&self, max_age: Duration) -> Result<Arc<Metadata>, ProviderError> {
        self.metadata
            .fresh(max_age, || async {
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
    ///
    /// It also keeps the metadata young, so that no request has to.
    pub(crate) async fn fetch_jwks(&self) -> Result<Vec<u8>, ProviderError> {
        let has_missed = self.has_missed_keys.swap(true, Ordering::Relaxed);
        let document = self.read_jwks(if has_missed { METADATA_DOUBTED } else { METADATA_AHEAD }).await?;
        self.has_missed_keys.store(false, Ordering::Relaxed);
        Ok(document)
    }

    async fn read_jwks(&self, metadata_age: Duration) -> Result<Vec<u8>, ProviderError> {
        let address = match &self.jwks_uri {
            Some(address) => Url::parse(address).ok(),
            None => self.metadata_of(metadata_age).await?.jwks.clone(),
        };
        let address =
            address.ok_or_else(|| ProviderError::new(FailedAt::Answer, "the metadata names no jwks_uri"))?;
        let answer = self.send(self.client.get(address)).await?;
        if answer.status == StatusCode::OK { Ok(answer.body) } else { Err(answer.failure()) }
    }
}

const METADATA_AGE: Duration = Duration::from_secs(3_600);
/// Keys are fetched every five minutes: one of these fetches comes before the hour is over.
const METADATA_AHEAD: Duration = Duration::from_secs(3_000);
/// Where the keys did not come from where the metadata says.
const METADATA_DOUBTED: Duration = Duration::from_secs(60);
