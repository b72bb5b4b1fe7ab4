//! The store: each operation is one statement.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Row;

use crate::session::postgres_store::builder::PostgresStoreBuilder;
use crate::session::postgres_store::connections::Connections;
use crate::session::postgres_store::error::PostgresStoreError;
use crate::session::postgres_store::schema::Schema;
use crate::session::postgres_store::statements::Statements;
use crate::session::postgres_store::sweep::sweep;
use crate::session::store::{
    Groups, Promises, Reach, Record, SessionStore, StoreError, StoreFuture, Swap, Version,
};

/// A session store in PostgreSQL; its copies share their connections.
///
/// It promises the whole contract to all instances that use the database.
/// Each operation is one prepared statement, one round trip and one transaction, and the database's
/// clock measures lifetimes. The store reconnects by itself. Expired records are removed in the
/// background for as long as a copy of the store is there; until then none of them is returned.
/// Connections to other machines are encrypted and certificates verified.
///
/// # Limits
/// | | default |
/// |---|---|
/// | connections | 8 |
/// | waiting for an answer, connecting included | 700 ms |
/// | sweep | every minute, give or take a half; 1,000 records a batch |
/// | schema | `auth_layer` |
///
/// - PostgreSQL 12 or newer, at the isolation level READ COMMITTED, which is its default.
/// - PgBouncer: session pooling works; transaction pooling works from PgBouncer 1.21 on with
///   `max_prepared_statements` above zero; statement pooling works for sessions, and not for
///   [`PostgresStoreBuilder::migrate`], which is a transaction of several statements.
/// - What is written is as durable as the database makes it. With `synchronous_commit = off`, or
///   after a failover to a replica that lags behind, the latest logins, refreshes and logouts may be
///   lost, and versions may come again. For a cluster with synchronous replicas that does not happen.
/// - A statement that was given up may still be at work in the database for as long as its
///   `statement_timeout` lets it; set one for the role (`ALTER ROLE .. SET statement_timeout = '2s'`).
///
/// # Example
/// ```no_run
/// use auth_layer::session::PostgresStore;
///
/// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
/// let database = PostgresStore::builder(&std::env::var("DATABASE_URL")?)?;
/// database.migrate().await?;
/// let store = database.connect().await?;
///
/// // Refused, before anything is sent: passwords and sessions do not cross a network in the clear.
/// assert!(PostgresStore::builder("postgres://db.example/app?sslmode=disable")?.connect().await.is_err());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PostgresStore(Arc<Inner>);

pub(super) struct Inner {
    connections: Connections,
    statements: Statements,
}

impl PostgresStore {
    /// Begins with the URL of the database: `postgres://user:password@host:5432/database`.
    ///
    /// # Errors
    /// [`PostgresStoreError::Url`] where it cannot be read.
    pub fn builder(url: &str) -> Result<PostgresStoreBuilder, PostgresStoreError> {
        PostgresStoreBuilder::new(url)
    }

    pub(super) fn new(connections: Connections, schema: &Schema, sweep_interval: Duration) -> Self {
        let inner = Arc::new(Inner { connections, statements: Statements::new(schema) });
        tokio::spawn(sweep(Arc::downgrade(&inner), sweep_interval));
        Self(inner)
    }

    /// Removes expired records now, rather than with the next sweep; returns how many those were.
    ///
    /// # Errors
    /// Where the database gives no answer.
    pub async fn remove_expired(&self) -> Result<u64, StoreError> {
        self.0.remove_expired().await
    }
}

impl Inner {
    pub(super) async fn remove_expired(&self) -> Result<u64, StoreError> {
        let mut removed = 0;
        // So many, and no more: where they expire faster than that, requests come first.
        for _ in 0..MOST_BATCHES {
            let batch = self.connections.ask(&self.statements.sweep, &[&BATCH]).await?.len();
            removed += batch as u64;
            if (batch as i64) < BATCH {
                break;
            }
        }
        Ok(removed)
    }
}

impl SessionStore for PostgresStore {
    fn promises(&self) -> Promises {
        Promises::all(Reach::Fleet)
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move {
            let rows = self.0.connections.ask(&self.0.statements.load, &[&name]).await?;
            rows.first().map(|row| Ok(Record::new(at(row, 0)?, version(row, 1)?))).transpose()
        })
    }

    fn load_all<'a>(&'a self, names: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Record>>> {
        Box::pin(async move {
            let rows = self.0.connections.ask(&self.0.statements.load_all, &[&names]).await?;
            let mut found = Vec::with_capacity(rows.len());
            for row in &rows {
                found.push((at::<String>(row, 0)?, Record::new(at(row, 1)?, version(row, 2)?)));
            }
            let of = |name: &str| found.iter().find(|(of, _)| of == name).map(|(_, record)| record.clone());
            Ok(names.iter().map(|name| of(name)).collect())
        })
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        Box::pin(async move {
            let (lifetime, groups) = (millis(lifetime), groups.names);
            let rows = self
                .0
                .connections
                .ask(&self.0.statements.insert, &[&name, &record, &lifetime, &groups])
                .await?;
            let done = rows.first().map(|row| version(row, 0)).transpose()?;
            Ok(done.map_or(Swap::Conflict, Swap::Done))
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        Box::pin(async move {
            let (expected, lifetime) = (number(expected), millis(lifetime));
            let statement = &self.0.statements.compare_and_swap;
            swap(&self.0.connections.ask(statement, &[&name, &expected, &record, &lifetime]).await?)
        })
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        Box::pin(async move {
            let statement = &self.0.statements.compare_and_remove;
            swap(&self.0.connections.ask(statement, &[&name, &number(expected)]).await?)
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.0.connections.ask(&self.0.statements.remove, &[&name]).await?;
            Ok(())
        })
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let rows = self.0.connections.ask(&self.0.statements.remove_group, &[&group]).await?;
            let row = rows.first().ok_or_else(misshapen)?;
            u64::try_from(at::<i64>(row, 0)?).map_err(|_| misshapen())
        })
    }
}

/// What a row says of a write: the version that was done, or whether there was a record.
fn swap(rows: &[Row]) -> Result<Swap, StoreError> {
    let row = rows.first().ok_or_else(misshapen)?;
    let done: Option<i64> = at(row, 0)?;
    Ok(match (done, at(row, 1)?) {
        (Some(version), _) => Swap::Done(Version(u64::try_from(version).map_err(|_| misshapen())?)),
        (None, true) => Swap::Conflict,
        (None, false) => Swap::Gone,
    })
}

fn at<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(|_| misshapen())
}

fn version(row: &Row, column: usize) -> Result<Version, StoreError> {
    u64::try_from(at::<i64>(row, column)?).map(Version).map_err(|_| misshapen())
}

fn misshapen() -> StoreError {
    StoreError::new("a row has another shape than the tables of this version")
}

/// Versions are drawn from 1 on: what does not fit is none of ours.
fn number(version: Version) -> i64 {
    i64::try_from(version.0).unwrap_or(-1)
}

fn millis(lifetime: Duration) -> i64 {
    i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX).clamp(1, LONGEST)
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresStore").field(&self.0.connections).finish()
    }
}

const BATCH: i64 = 1_000;
const MOST_BATCHES: usize = 100;
/// 400 days, in milliseconds.
const LONGEST: i64 = 400 * 24 * 60 * 60 * 1_000;
