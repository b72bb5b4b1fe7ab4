//! The HTTP client of the proxy: the one place of this room that opens sockets.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::LengthLimitError;
pub(super) use hyper::Error as TransportError;
pub(super) use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::config::ConfigError;
use crate::outbound::proxy::body::RequestBody;
use crate::outbound::proxy::error::{ProxyError, ProxyErrorKind};

/// Deliberately hyper, and no client above it: what goes out is what came in, byte for byte, in the path and
/// in the query, and no redirect is followed.
pub(super) type Backend = Client<HttpsConnector<HttpConnector>, RequestBody>;

pub(super) fn backend() -> Result<Backend, ConfigError> {
    let mut connector = HttpConnector::new();
    // Whether http is allowed was judged with the address.
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let cryptography = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_platform_verifier(cryptography)
        .map_err(|_| ConfigError::http_client())?
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    Ok(Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http1_max_buf_size(MAX_HEAD_BYTES)
        .build(connector))
}

/// Says why there is no answer.
pub(super) fn unanswered(error: legacy::Error) -> ProxyError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return ProxyErrorKind::TimedOut.into();
        }
        if let Some(error) = error.downcast_ref::<TransportError>() {
            match error {
                error if error.is_parse() => return ProxyErrorKind::Answer.into(),
                // The one thing of ours that hyper can find fault with is the body that a client sends.
                error if error.is_user() => return unread(error),
                _ => {}
            }
        }
        cause = error.source();
    }
    ProxyError::because(ProxyErrorKind::Unreachable, error)
}

/// Says why there is no more of a client's body.
fn unread(error: &(dyn Error + 'static)) -> ProxyError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return ProxyErrorKind::TooLarge.into();
        }
        cause = error.source();
    }
    ProxyErrorKind::Body.into()
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// hyper looks only when it reads more, so that the sum is looked at once more.
pub(super) const MAX_HEAD_BYTES: usize = 64 * 1024;
