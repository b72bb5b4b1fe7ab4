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
//! Those of [`PostgresStore`], which says them to users, with an example.

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
