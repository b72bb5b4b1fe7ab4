//! Servers that a test starts as processes of its own, on free ports, and stops when it ends.

mod monitor;
mod postgres;
mod proxy;
mod redis;

pub use monitor::Monitor;
pub use postgres::PostgresServer;
pub use proxy::Proxy;
pub use redis::{RedisServer, free_port};
