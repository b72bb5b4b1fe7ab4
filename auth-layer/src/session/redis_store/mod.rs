//! Session records in Redis or Valkey, for any number of instances.
//!
//! # Rules
//! 1. A record is one string key, `prefix` and name: a magic, its version, two marks, its bytes. It
//!    expires by the server's clock.
//! 2. A load is one `GET`. What writes is one script on one key, which the server runs alone: so it is
//!    decided there who was first, also in a cluster.
//! 3. A version is the server's time in microseconds, or one more than the last where that is higher:
//!    it grows while the record is there, and after it was removed or has expired.
//! 4. A group is one sorted set, `prefix` and `g.` and its name, of marks and names by the time until
//!    which they may be found. A membership is written before its record, and is taken out only with
//!    it or after its time: a removal that comes in between cannot lose it.
//! 5. Each write has a mark. One that was sent twice, since a connection broke or a cluster moved the
//!    key, knows itself and is done once. A group removes only the record that joined it.
//! 6. A value without the magic, and a key of another type, is not ours: it is never changed.
//! 7. Every answer has its time; one that is late is an error, never a hang. A lost connection is
//!    replaced at once, and while there is none the answers are errors at once.
//! 8. A start checks the server's version, and that the prefix is ours: `.format` under it says so.
//!
//! # Attacks
//! A logout that is undone by a slower write; a record of another application that is taken for a
//! session; a password of Redis in a log, for which a server's own words are not repeated.
//!
//! # Limits
//! Those of the contract, and the ones of [`RedisStore`].

mod builder;
mod dial;
mod error;
mod keeper;
mod layout;
mod link;
mod place;
mod scripts;
mod server;
mod store;

pub use builder::RedisStoreBuilder;
pub use error::RedisStoreError;
pub use store::RedisStore;
