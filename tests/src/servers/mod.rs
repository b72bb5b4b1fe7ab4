//! Servers that a test starts as processes of its own, on free ports, and stops when it ends.

mod redis;

pub use redis::{RedisServer, free_port};
