//! Why a request was not proxied, though whoever sent it may pass.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::outbound::proxy::body::ProxyBody;

/// Why a request was not proxied; it is in the extensions of the response.
///
/// Its source is the transport's error, which names no token.
#[derive(Clone, Debug)]
pub struct ProxyError {
    kind: ProxyErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kinds of [`ProxyError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyErrorKind {
    /// The path may mean another one to the API: 400.
    Path,
    /// The body of the request broke off, or cannot be read: 400.
    Body,
    /// The body of the request is larger than the application allows, as `http_body_util::Limited` says it: 413.
    TooLarge,
    /// The path is not below that of the proxy: 404. The proxy is routed at another path than it was made for.
    Elsewhere,
    /// CONNECT, or TRACE, whose answer would show the token: 501.
    Method,
    /// A socket or another protocol is asked for: 501.
    Upgrade,
    /// The API gives no answer: 502.
    Unreachable,
    /// The API's answer is none that could be passed on: 502.
    Answer,
    /// The API refuses the token, and there is no other: 502.
    TokenRefused,
    /// The API refused the token, there is another one now, and the request's body is gone: 503, and it may be
    /// sent again at once.
    TokenRenewed,
    /// The API took too long to begin its answer: 504.
    TimedOut,
}

impl ProxyError {
    pub(super) fn because(kind: ProxyErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(Arc::from(source.into())) }
    }

    /// Returns what went wrong.
    #[must_use]
    pub const fn kind(&self) -> ProxyErrorKind {
        self.kind
    }

    /// Returns the status of the response.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.kind {
            ProxyErrorKind::Path | ProxyErrorKind::Body => StatusCode::BAD_REQUEST,
            ProxyErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ProxyErrorKind::Elsewhere => StatusCode::NOT_FOUND,
            ProxyErrorKind::Method | ProxyErrorKind::Upgrade => StatusCode::NOT_IMPLEMENTED,
            ProxyErrorKind::Unreachable | ProxyErrorKind::Answer | ProxyErrorKind::TokenRefused => {
                StatusCode::BAD_GATEWAY
            }
            ProxyErrorKind::TokenRenewed => StatusCode::SERVICE_UNAVAILABLE,
            ProxyErrorKind::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// Returns the response, with a problem document (RFC 9457).
    pub(super) fn respond(self) -> Response<ProxyBody> {
        let problem = json!({
            "type": "about:blank",
            "title": self.status().canonical_reason(),
            "status": self.status().as_u16(),
            "detail": self.to_string(),
        });
        let mut response = Response::new(ProxyBody::own(problem.to_string()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, private"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.kind == ProxyErrorKind::TokenRenewed {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ProxyErrorKind> for ProxyError {
    fn from(kind: ProxyErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ProxyErrorKind::Path => {
                "the path may lead to another one: leave out `.`, `..`, empty segments, and slashes that are encoded"
            }
            ProxyErrorKind::Body => "the body of the request broke off: send it again",
            ProxyErrorKind::TooLarge => "the body of the request is too large: send less",
            ProxyErrorKind::Elsewhere => {
                "there is nothing at this path: route the proxy at the path that it was made for"
            }
            ProxyErrorKind::Method => "this method is not passed on: use another one",
            ProxyErrorKind::Upgrade => "sockets are not passed on: use requests, or events that a server sends",
            ProxyErrorKind::Unreachable => "the API behind this path gives no answer: try again later",
            ProxyErrorKind::Answer => "the API behind this path gave an answer that cannot be passed on: try again later",
            ProxyErrorKind::TokenRefused => {
                "the API behind this path does not take this application's access token: see the API's log"
            }
            ProxyErrorKind::TokenRenewed => "the access token was renewed: send the request again",
            ProxyErrorKind::TimedOut => "the API behind this path took too long: try again later",
        })
    }
}

impl Error for ProxyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
