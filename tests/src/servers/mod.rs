//! Servers that a test starts as processes of its own, on free ports, and stops when it ends.

mod postgres;

pub use postgres::PostgresServer;
