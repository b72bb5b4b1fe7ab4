//! The way to Redis: a connection that is kept, or a cluster's.

use std::time::Duration;

use redis::aio::ConnectionLike as _;
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::io::tcp::TcpSettings;
use redis::{Cmd, ProtocolVersion, RedisResult, Value};

use crate::session::redis_store::dial::{Dialer, LONGEST_HANDSHAKE, Tls};
use crate::session::redis_store::keeper::Keeper;
use crate::session::redis_store::place::Place;

/// Where commands go.
pub(super) enum Link {
    /// To one server, be it known or named by sentinels.
    Kept(Keeper),
    /// To whom of a cluster the key belongs.
    Cluster(Box<ClusterConnection>),
}

impl Link {
    pub(super) async fn kept(dialer: RedisResult<Dialer>) -> RedisResult<Self> {
        Ok(Self::Kept(Keeper::start(dialer?).await?))
    }

    pub(super) async fn cluster(places: &[Place], tls: &Tls, timeout: Duration) -> RedisResult<Self> {
        let mut builder = ClusterClientBuilder::new(places.iter().map(|place| place.info.clone()))
            .use_protocol(ProtocolVersion::RESP3)
            .tcp_settings(TcpSettings::default().set_nodelay(true))
            .connection_timeout(LONGEST_HANDSHAKE)
            .response_timeout(timeout)
            .min_retry_wait(10)
            .max_retry_wait(200);
        if let Some(mode) = places.first().and_then(Place::tls_mode) {
            Tls::prepare();
            builder = builder.tls(mode).certs(tls.certificates());
        }
        Ok(Self::Cluster(Box::new(builder.build()?.get_async_connection().await?)))
    }

    /// Sends a command and returns its answer.
    pub(super) async fn ask(&self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::Kept(keeper) => keeper.ask(command).await,
            Self::Cluster(cluster) => {
                // A handle on the same connections.
                let mut cluster = cluster.as_ref().clone();
                cluster.req_packed_command(command).await?.extract_error()
            }
        }
    }

    /// Says that an answer did not come in time.
    pub(super) fn doubt(&self) {
        // A cluster's connection looks after itself.
        if let Self::Kept(keeper) = self {
            keeper.doubt_current();
        }
    }
}
