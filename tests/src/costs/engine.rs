//! A store's server that counts what it is sent.

use std::time::Duration;

use auth_layer::session::PostgresStore;

use crate::servers::{Monitor, PostgresServer, RedisServer};

/// A server, and what it had been sent when it was last asked.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there are two of them in a whole run")]
pub enum Engine {
    /// Counts commands.
    Redis {
        /// What hears its commands; before the server, since it ends first.
        monitor: Monitor,
        /// The server.
        server: RedisServer,
    },
    /// Counts statements.
    Postgres {
        /// The server.
        server: PostgresServer,
        /// How many there were.
        seen: u64,
    },
}

impl Engine {
    /// Starts a Redis.
    pub async fn redis() -> Self {
        let server = RedisServer::start().await;
        let monitor = server.monitor();
        Self::Redis { monitor, server }
    }

    /// Starts a PostgreSQL with our tables.
    pub async fn postgres() -> Self {
        let server = PostgresServer::start().await;
        PostgresStore::builder(&server.url()).unwrap().migrate().await.unwrap();
        server.sql("CREATE EXTENSION pg_stat_statements").await;
        Self::Postgres { server, seen: 0 }
    }

    /// Returns how much the server was sent since the last time, once nothing more comes.
    pub async fn sent(&mut self) -> u64 {
        let mut sent = 0;
        let mut quiet = 0;
        while quiet < 2 {
            let more = self.sent_so_far().await;
            quiet = if more == 0 { quiet + 1 } else { 0 };
            sent += more;
            tokio::time::sleep(QUIET).await;
        }
        sent
    }

    async fn sent_so_far(&mut self) -> u64 {
        match self {
            Self::Redis { monitor, server } => monitor.heard(server).len() as u64,
            Self::Postgres { server, seen } => {
                let ours = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements \
                            WHERE query NOT LIKE '%pg_stat_%'";
                let all = server.sql(ours).await.parse().unwrap();
                all - std::mem::replace(seen, all)
            }
        }
    }
}

/// So long after the last command there is none to come.
const QUIET: Duration = Duration::from_millis(40);
