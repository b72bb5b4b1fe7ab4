//! Why the shop does not start, and what it answers when the products API fails it.

use std::fmt;

use auth_layer::config::ConfigError;
use auth_layer::refresh::{RefreshError, RefreshErrorKind};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::backend::BackendError;

/// Why the shop does not start; it says what to do.
#[derive(Debug)]
pub(crate) enum StartError {
    /// An address that cannot be listened on.
    Listen(String, std::io::Error),
    /// A variable of the environment that is missing, and why it is needed.
    Missing(&'static str, &'static str),
    Config(ConfigError),
    Provider(auth_layer::testing::StartError),
    Client(reqwest::Error),
    /// The session store does not open.
    Store(Box<dyn std::error::Error + Send + Sync>),
    /// There is no randomness to be had for a session key.
    Random,
    Serve(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, source) => {
                write!(
                    f,
                    "cannot listen on {address} ({source}): set APP_LISTEN to a free one, such as 127.0.0.1:0"
                )
            }
            Self::Missing(name, why) => write!(f, "{name} is missing: {why}"),
            Self::Config(error) => error.fmt(f),
            Self::Provider(error) => error.fmt(f),
            Self::Client(error) => write!(f, "cannot make an HTTP client: {error}"),
            Self::Store(error) => write!(f, "SHOP_STORE: {error}"),
            Self::Random => f.write_str("the system gives no random bytes: set AUTH_SESSION_KEYS"),
            Self::Serve(error) => write!(f, "the server stopped: {error}"),
        }
    }
}

impl StartError {
    pub(crate) fn store(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Store(Box::new(error))
    }
}

impl std::error::Error for StartError {}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

/// What a handler of the shop may fail with.
#[derive(Debug)]
pub(crate) enum ShopError {
    Backend(BackendError),
    Refresh(RefreshError),
}

impl From<BackendError> for ShopError {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}

impl From<RefreshError> for ShopError {
    fn from(error: RefreshError) -> Self {
        Self::Refresh(error)
    }
}

impl fmt::Display for ShopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backend(error) => error.fmt(f),
            Self::Refresh(error) => error.fmt(f),
        }
    }
}

impl IntoResponse for ShopError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Backend(BackendError::Invalid(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refresh(error) if error.is_final() => StatusCode::UNAUTHORIZED,
            Self::Refresh(error) if error.kind() == RefreshErrorKind::Unavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Backend(_) | Self::Refresh(_) => StatusCode::BAD_GATEWAY,
        };
        tracing::warn!(error = ?self, "the shop cannot do what was asked");
        let detail = self.to_string();
        let problem =
            json!({ "status": status.as_u16(), "title": status.canonical_reason(), "detail": detail });
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Self::Refresh(error) = &self
            && status == StatusCode::SERVICE_UNAVAILABLE
        {
            let seconds = error.retry_after().map_or(1, |wait| wait.as_secs() + 1);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
