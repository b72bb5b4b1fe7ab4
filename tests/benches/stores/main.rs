//! What a session costs with each store: time against a bare round trip, commands, processor time and bytes.
//!
//! Everything is measured on servers that are started for it. A word runs one part: `time`, `commands`,
//! `processor`, `memory`.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod commands;
mod memory;
mod processor;
mod time;

use auth_layer::session::{PostgresStore, RedisStore};
use tests::ObservedStore;
use tests::servers::{PostgresServer, RedisServer};
use tokio::runtime::{Builder, Runtime};

fn main() {
    // `cargo bench` adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let is_asked = |part: &str| words.is_empty() || words.iter().any(|word| word == part);
    // One thread, as one of a server's: what the library and its rivals do is done one after another.
    let runtime: Runtime = Builder::new_current_thread().enable_all().build().unwrap();
    if is_asked("time") {
        runtime.block_on(time::report());
    }
    if is_asked("commands") {
        runtime.block_on(commands::report());
    }
    if is_asked("processor") {
        runtime.block_on(processor::report());
    }
    if is_asked("memory") {
        runtime.block_on(memory::report());
    }
}

async fn on_redis(server: &RedisServer) -> ObservedStore<RedisStore> {
    ObservedStore::new(RedisStore::builder(server.url()).connect().await.unwrap())
}

async fn on_postgres(server: &PostgresServer) -> ObservedStore<PostgresStore> {
    let builder = PostgresStore::builder(&server.url()).unwrap();
    builder.migrate().await.unwrap();
    ObservedStore::new(builder.connect().await.unwrap())
}
