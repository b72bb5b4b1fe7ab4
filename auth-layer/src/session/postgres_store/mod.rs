//! Records in PostgreSQL: one store for all instances, on an engine that many already run.
//!
//! # Rules
//! 1. Each operation is one prepared statement, one round trip and one transaction.
//! 2. The database's clock measures lifetimes: instances need not agree on the time.
//! 3. Nothing is waited for longer than the time limit ([`PostgresStoreBuilder::with_timeout`]); a
//!    connection that did not answer in time, or answered an error, is not used again.
//! 4. The tables are made and brought up to date by [`PostgresStoreBuilder::migrate`], as often and by
//!    as many instances at once as you like. A store that meets missing, foreign or newer tables does
//!    not open.
//! 5. Expired records are removed in the background, in small batches, by every instance that has a
//!    store open; none waits for another. An expired record that is still there is never returned.
//! 6. Connections to another machine are encrypted and its certificate is verified, whatever the
//!    URL's `sslmode` says; less than that is [`PostgresStoreBuilder::danger_allow_plaintext`].
//!
//! # Attacks
//! A database that is read by others (sessions are sealed with keys that it never has); a connection
//! that is read or taken over on its way; a database that hangs, and requests with it.
//!
//! # Limits
//! | | default |
//! |---|---|
//! | connections | 8 |
//! | waiting for an answer, connecting included | 700 ms |
//! | sweep | every minute, give or take a half; 1,000 records a batch |
//! | schema | `auth_layer` |
//!
//! - PostgreSQL 12 or newer, at the isolation level READ COMMITTED, which is its default.
//! - PgBouncer: session pooling works; transaction pooling works from PgBouncer 1.21 on with
//!   `max_prepared_statements` above zero; statement pooling works for sessions, and not for
//!   [`PostgresStoreBuilder::migrate`], which is a transaction of several statements.
//! - What is written is as durable as the database makes it. With `synchronous_commit = off`, or
//!   after a failover to a replica that lags behind, the latest logins, refreshes and logouts may be
//!   lost, and versions may come again. For a cluster with synchronous replicas that does not happen.
//! - A statement that was given up may still be at work in the database for as long as its
//!   `statement_timeout` lets it; set one for the role (`ALTER ROLE .. SET statement_timeout = '2s'`).
//!
//! # Example
//! ```no_run
//! use auth_layer::session::PostgresStore;
//!
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! let database = PostgresStore::builder(&std::env::var("DATABASE_URL")?)?;
//! database.migrate().await?;
//! let store = database.connect().await?;
//!
//! // Refused, before anything is sent: passwords and sessions do not cross a network in the clear.
//! assert!(PostgresStore::builder("postgres://db.example/app?sslmode=disable")?.connect().await.is_err());
//! # Ok(()) }
//! ```

mod store;

mod builder;
mod error;

mod connections;
mod schema;
mod statements;
mod sweep;
mod tls;

pub use builder::PostgresStoreBuilder;
pub use error::PostgresStoreError;
pub use store::PostgresStore;
