//! The store's process, of either kind.

use tests::servers::{PostgresServer, RedisServer};

/// A server that keeps what the shops share.
#[derive(Debug)]
pub(super) enum Engine {
    Redis(RedisServer),
    Postgres(PostgresServer),
}

impl Engine {
    pub(super) async fn redis() -> Self {
        Self::Redis(RedisServer::start().await)
    }

    pub(super) async fn postgres() -> Self {
        Self::Postgres(PostgresServer::start().await)
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Redis(_) => "redis",
            Self::Postgres(_) => "postgres",
        }
    }

    pub(super) fn url(&self) -> String {
        match self {
            Self::Redis(server) => server.url(),
            Self::Postgres(server) => server.url(),
        }
    }

    pub(super) fn kill(&mut self) {
        match self {
            Self::Redis(server) => server.kill(),
            Self::Postgres(server) => server.kill(),
        }
    }

    pub(super) async fn restart(&mut self) {
        match self {
            Self::Redis(server) => server.restart().await,
            Self::Postgres(server) => server.restart().await,
        }
    }

    pub(super) fn pause(&self) {
        match self {
            Self::Redis(server) => server.pause(),
            Self::Postgres(server) => server.pause(),
        }
    }

    pub(super) fn resume(&self) {
        match self {
            Self::Redis(server) => server.resume(),
            Self::Postgres(server) => server.resume(),
        }
    }
}
