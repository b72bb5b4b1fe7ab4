//! Steps that the cases share: connect, store, load, and read what became of a write.

use std::time::Duration;

use auth_layer::session::{Groups, Record, RedisStore, SessionStore as _, Swap, Version};
use tests::servers::RedisServer;

/// Longer than any test.
pub(super) const LONG: Duration = Duration::from_secs(600);

pub(super) async fn connect(server: &RedisServer) -> RedisStore {
    RedisStore::builder(server.url()).connect().await.unwrap()
}

/// Stores a record in no group, and returns its version.
pub(super) async fn insert(store: &RedisStore, name: &str, bytes: &[u8]) -> Version {
    done(store.insert(name, bytes.to_vec(), LONG, Groups::none()).await.unwrap())
}

pub(super) async fn load(store: &RedisStore, name: &str) -> Option<Record> {
    store.load(name).await.unwrap()
}

#[track_caller]
pub(super) fn done(swap: Swap) -> Version {
    let Swap::Done(version) = swap else { panic!("{swap:?}") };
    version
}

/// Returns the version of the one that was done, where the other met a conflict.
#[track_caller]
pub(super) fn first(one: Swap, other: Swap) -> Version {
    match (one, other) {
        (Swap::Done(version), Swap::Conflict) | (Swap::Conflict, Swap::Done(version)) => version,
        both => panic!("{both:?}"),
    }
}
