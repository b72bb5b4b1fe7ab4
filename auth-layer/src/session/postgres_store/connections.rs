//! The connections: each statement has until the time limit, and a connection that fails it is dropped.

use std::fmt;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::session::postgres_store::error::{PostgresStoreError, describe};
use crate::session::store::StoreError;

/// A pool of connections.
pub(super) struct Connections {
    pool: Pool,
    config: Config,
    connector: MakeRustlsConnect,
    timeout: Duration,
}

impl Connections {
    pub(super) fn new(
        mut config: Config,
        connector: MakeRustlsConnect,
        size: usize,
        timeout: Duration,
    ) -> Result<Self, PostgresStoreError> {
        config.connect_timeout(LONGEST_CONNECT);
        // `Fast` sends nothing: that a connection was closed is known without asking.
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config.clone(), connector.clone(), recycling);
        let pool = Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1);
        let pool = pool.wait_timeout(Some(timeout)).create_timeout(Some(LONGEST_CONNECT)).build();
        let pool = pool.map_err(|_| PostgresStoreError::Url)?;
        Ok(Self { pool, config, connector, timeout })
    }

    /// The rows that a prepared statement brings, in one round trip on a connection that knows it.
    ///
    /// Where this is dropped, the statement may run to its end in the database; the connection is then
    /// used again after that.
    pub(super) async fn ask(
        &self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        let mut connection = None;
        let asking = async {
            let connection: &mut Object = connection.insert(self.connection().await?);
            let statement = connection.prepare_cached(statement).await.map_err(of_statement)?;
            connection.query(&statement, parameters).await.map_err(of_statement)
        };
        let answer = match tokio::time::timeout(self.timeout, asking).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer within {:?}", self.timeout)),
        };
        answer.map_err(|why| {
            // One that hangs, was closed, or lost its prepared statements would fail the next one, too.
            if let Some(connection) = connection {
                drop(Object::take(connection));
            }
            StoreError::new(why)
        })
    }

    /// A connection of the pool.
    ///
    /// A new one is made in a task of its own, so that it is there for the next statement where this one
    /// has given up: a database that takes longer to connect to than the time limit would never be
    /// reached again.
    async fn connection(&self) -> Result<Object, String> {
        if self.pool.status().available > 0 {
            return self.pool.get().await.map_err(of_pool);
        }
        let pool = self.pool.clone();
        let connecting = tokio::spawn(async move { pool.get().await }).await;
        connecting.map_err(|_| "the runtime ends".to_owned())?.map_err(of_pool)
    }

    /// A connection of its own, for what is done once and may take long.
    pub(super) async fn single(&self) -> Result<Single, PostgresStoreError> {
        let mut config = self.config.clone();
        config.connect_timeout(LONGEST_START);
        let connecting = tokio::time::timeout(LONGEST_START, config.connect(self.connector.clone()));
        let Ok(connected) = connecting.await else {
            return Err(PostgresStoreError::Unreachable(format!("no answer within {LONGEST_START:?}")));
        };
        let (client, connection) = connected.map_err(|error| PostgresStoreError::of_connection(&error))?;
        let mut driving = tokio::task::JoinSet::new();
        driving.spawn(async move {
            // Whoever waits for an answer learns of the error there.
            let _ = connection.await;
        });
        Ok(Single { client, _driving: driving })
    }
}

/// A connection that is closed when it is dropped.
pub(super) struct Single {
    pub(super) client: tokio_postgres::Client,
    _driving: tokio::task::JoinSet<()>,
}

fn of_pool(error: PoolError) -> String {
    match error {
        PoolError::Backend(error) => describe(&error),
        PoolError::Timeout(_) => "no connection in time".into(),
        _ => "the pool of connections is closed".into(),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn of_statement(error: tokio_postgres::Error) -> String {
    describe(&error)
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.pool.status();
        f.debug_struct("Connections")
            .field("size", &status.size)
            .field("available", &status.available)
            .finish_non_exhaustive()
    }
}

/// For a connection of the pool, which those who wait for it may give up earlier.
const LONGEST_CONNECT: Duration = Duration::from_secs(2);
/// For the connection at the start, which nobody's request waits for.
const LONGEST_START: Duration = Duration::from_secs(5);
