//! HTTP to the provider: no redirects, bounded in time and bytes.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, StatusCode, redirect};

use crate::clock::Clock;
use crate::provider::error::{FailedAt, ProviderError};
use crate::provider::quota_headers::QuotaNews;

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    pub(crate) is_jwt: bool,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) quota: QuotaNews,
}

pub(crate) fn client(connect_timeout: Duration, timeout: Duration) -> Result<Client, reqwest::Error> {
    Client::builder()
        // Credentials follow no redirect (RFC 9700 §4.11.2).
        .redirect(redirect::Policy::none())
        .connect_timeout(connect_timeout)
        .timeout(timeout)
        .user_agent(concat!("auth-layer/", env!("CARGO_PKG_VERSION")))
        .build()
}

pub(crate) async fn send(request: RequestBuilder, clock: &Clock) -> Result<Answer, ProviderError> {
    let mut response = request.send().await.map_err(|error| reaching(&error))?;
    let status = response.status();
    let retry_after = retry_after(response.headers(), clock);
    let is_jwt = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/jwt"));
    let quota = QuotaNews::read(response.headers(), clock.now());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| reaching(&error))? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(ProviderError::new(FailedAt::Answer, "the answer is larger than 1 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body, is_jwt, retry_after, quota })
}

/// Where it went, without a query, and what is at the bottom of it ("connection refused").
fn reaching(error: &reqwest::Error) -> ProviderError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    // The outermost text holds the whole address; the innermost is the system's or the TLS library's.
    let what = if error.source().is_none() { "no answer".to_owned() } else { cause.to_string() };
    let at = error
        .url()
        .map_or_else(String::new, |url| format!("{}{}: ", url.origin().ascii_serialization(), url.path()));
    let failure = ProviderError::new(FailedAt::Reaching, format!("{at}{what}"));
    if error.is_connect() { failure.without_effect() } else { failure }
}

impl Answer {
    /// The error behind a status that is no success and no OAuth error.
    pub(crate) fn failure(&self) -> ProviderError {
        let at =
            if self.status == StatusCode::TOO_MANY_REQUESTS { FailedAt::RateLimit } else { FailedAt::Answer };
        let failure = ProviderError::new(at, format!("status {}", self.status.as_u16()));
        let failure = failure.with_retry_after(self.retry_after);
        // "Unable to handle the request" (RFC 9110 §15.6.4); after another 5xx it may have been handled.
        if self.status == StatusCode::SERVICE_UNAVAILABLE { failure.without_effect() } else { failure }
    }
}

/// Seconds or a date (RFC 9110 §10.2.3), at most an hour.
fn retry_after(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = httpdate::parse_http_date(value).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
            at.saturating_sub(Duration::from_millis(clock.now().unix_millis()))
        }
    };
    Some(wait.min(MAX_WAIT))
}

const MAX_BYTES: usize = 1024 * 1024;
const MAX_WAIT: Duration = Duration::from_secs(3_600);
