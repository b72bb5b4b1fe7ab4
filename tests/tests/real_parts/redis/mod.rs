//! The Redis store at real servers that the tests start, stop and kill.

mod contract;
mod faults;
mod foreign;
mod start;
mod topologies;

use auth_layer::session::{Groups, Record, RedisStore, SessionStore as _, Swap, Version};
use std::time::Duration;

use tests::servers::RedisServer;

/// Longer than any test.
const LONG: Duration = Duration::from_secs(600);

async fn connect(server: &RedisServer) -> RedisStore {
    RedisStore::builder(server.url()).connect().await.unwrap()
}

/// Stores a record in no group, and returns its version.
async fn insert(store: &RedisStore, name: &str, bytes: &[u8]) -> Version {
    done(store.insert(name, bytes.to_vec(), LONG, Groups::none()).await.unwrap())
}

async fn load(store: &RedisStore, name: &str) -> Option<Record> {
    store.load(name).await.unwrap()
}

#[track_caller]
fn done(swap: Swap) -> Version {
    let Swap::Done(version) = swap else { panic!("{swap:?}") };
    version
}
