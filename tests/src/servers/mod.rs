//! Servers that a test starts as processes of its own, on free ports, and stops when it ends.

mod postgres;
mod proxy;
mod redis;

pub use postgres::PostgresServer;
pub use proxy::Proxy;
pub use redis::{RedisServer, free_port};
