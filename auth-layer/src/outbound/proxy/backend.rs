//! The HTTP client of the proxy: the one place of this room that opens sockets.

use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::config::ConfigError;
use crate::outbound::proxy::body::RequestBody;

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

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// hyper looks only when it reads more, so that the sum is looked at once more.
pub(super) const MAX_HEAD_BYTES: usize = 64 * 1024;
