//! New connections: to a node, or to whom the sentinels call the master.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, ErrorKind, ProtocolVersion, RedisResult, TlsCertificates,
};

use crate::secret::Secret;
use crate::session::redis_store::place::{Credentials, Place};

/// Certificates beside the system's.
#[derive(Clone, Default)]
pub(super) struct Tls {
    pub(super) roots: Option<Vec<u8>>,
    pub(super) client: Option<(Vec<u8>, Secret<String>)>,
}

impl Tls {
    pub(super) const fn is_set(&self) -> bool {
        self.roots.is_some() || self.client.is_some()
    }

    pub(super) fn certificates(&self) -> TlsCertificates {
        let client_tls = self.client.as_ref().map(|(certificate, key)| ClientTlsConfig {
            client_cert: certificate.clone(),
            client_key: key.expose().as_bytes().to_vec(),
        });
        TlsCertificates { client_tls, root_cert: self.roots.clone() }
    }

    /// Chooses the cryptography, once for the process, where nobody has.
    ///
    /// rustls panics where a second one was compiled in and none was chosen.
    pub(super) fn prepare() {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // An error says that another thread was faster, which is as good.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
    }
}

/// Makes connections to where writes go.
pub(super) enum Dialer {
    Node(Box<Client>),
    Sentinel(Box<SentinelClient>),
}

impl Dialer {
    pub(super) fn node(places: &[Place], tls: &Tls) -> RedisResult<Self> {
        let place = places.first().ok_or(NO_PLACE)?;
        let client = if place.has_tls() {
            Tls::prepare();
            Client::build_with_tls(place.info.clone(), tls.certificates())?
        } else {
            Client::open(place.info.clone())?
        };
        Ok(Self::Node(Box::new(client)))
    }

    /// The sentinels' own credentials are those of their first URL.
    pub(super) fn sentinel(
        places: &[Place],
        master: &str,
        credentials: &Credentials,
        tls: &Tls,
    ) -> RedisResult<Self> {
        let first = places.first().ok_or(NO_PLACE)?;
        let sentinels = places.iter().map(|place| place.info.addr().clone());
        let mut builder = SentinelClientBuilder::new(sentinels, master, SentinelServerType::Master)?
            .set_client_to_redis_protocol(ProtocolVersion::RESP3)
            .set_client_to_redis_tcp_settings(TcpSettings::default().set_nodelay(true))
            .set_client_to_redis_db(first.info.redis_settings().db());
        if let Some(username) = &credentials.username {
            builder = builder.set_client_to_redis_username(username);
        }
        if let Some(password) = &credentials.password {
            builder = builder.set_client_to_redis_password(password.expose());
        }
        if let Some(username) = first.info.redis_settings().username() {
            builder = builder.set_client_to_sentinel_username(username);
        }
        if let Some(password) = first.info.redis_settings().password() {
            builder = builder.set_client_to_sentinel_password(password);
        }
        if let Some(mode) = first.tls_mode() {
            Tls::prepare();
            builder = builder
                .set_client_to_redis_tls_mode(mode)
                .set_client_to_redis_certificates(tls.certificates())
                .set_client_to_sentinel_certificates(tls.certificates());
        }
        Ok(Self::Sentinel(Box::new(builder.build()?)))
    }

    /// Connects, or says within [`LONGEST_DIAL`] why not.
    pub(super) async fn dial(
        &mut self,
        config: &AsyncConnectionConfig,
    ) -> RedisResult<MultiplexedConnection> {
        let dialed = tokio::time::timeout(LONGEST_DIAL, async {
            match self {
                Self::Node(client) => client.get_multiplexed_async_connection_with_config(config).await,
                Self::Sentinel(client) => client.get_async_connection_with_config(config).await,
            }
        });
        dialed.await.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
    }
}

const NO_PLACE: (ErrorKind, &str) = (ErrorKind::InvalidClientConfig, "no server is named");
/// With sentinels it includes a question to one that is stopped, and one to the next.
const LONGEST_DIAL: Duration = Duration::from_secs(3);
/// The longest that one server is waited for, TLS and password included.
pub(super) const LONGEST_HANDSHAKE: Duration = Duration::from_secs(1);
