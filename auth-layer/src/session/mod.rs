//! The crafts of a session: seal it, cut it into cookies, judge its age, keep it in a store.
//!
//! # Rules
//! 1. Everything that the browser keeps for us is sealed (AES-256-GCM-SIV) for the name of its
//!    cookie: one cookie cannot be passed off as another. A session is sealed for its issuer and its
//!    client too: elsewhere the same subject is someone else.
//! 2. A session is carried in at most four cookies of at most 4,093 bytes each, attributes included.
//!    One that is missing, swapped, foreign or cut makes the request anonymous, never an error.
//! 3. The end of a session is inside the seal: the browser's `Max-Age` is a courtesy.
//! 4. A store changes a record by compare-and-swap on its version: no writer overwrites another.
//! 5. What is kept in a store is sealed with a key that is derived from what the browser alone holds: the
//!    session's id in its cookie, or its refresh token. Neither the store nor the session keys open it.
//! 6. A session that ended stays ended, at every instance that shares the store: see `tombstones`.
//! 7. A store that gives no answer within a second is away: requests with a session get 503, and are
//!    never anonymous for it.
//!
//! # Stores
//! | store | feature | decides who was first | removes by group | expires by the clock of | what may be lost |
//! |---|---|---|---|---|---|
//! | [`MemoryStore`] | | in one process | yes | the process | all, by a restart |
//! | `RedisStore` | `redis` | among all instances | yes | the server | the last second of writes, by a failover or a crash (`appendfsync everysec`) |
//! | `PostgresStore` | `postgres` | among all instances | yes | the database | nothing that was answered |
//! | `TowerSessionsStore` | `tower-sessions` | in one process | no | the process | what the store behind it loses |
//!
//! Whether a store of your own keeps the contract of [`SessionStore`] is told by
//! `testing::store_contract` (feature `testing`).
//!
//! # Attacks
//! Forged, spliced and replayed cookies; session fixation; sealed cookies that never expire; a store that
//! is read or written by others; a logout that a slower request undoes.
//!
//! # Limits
//! Cookie headers are read up to 64 KiB and 256 pairs; what is cut there is a broken cookie.

mod arrivals;
mod attempts;
mod bounded_store;
mod cookie;
mod ended_sessions;
#[cfg(test)]
mod far_store;
mod login_attempt;
mod memory_store;
#[cfg(feature = "postgres")]
mod postgres_store;
mod record;
#[cfg(feature = "redis")]
mod redis_store;
mod refresh_notes;
mod rolling;
mod seal;
mod sealed_tokens;
mod shared_tokens;
mod shelf;
mod spent_logout_tokens;
mod store;
mod tombstones;
#[cfg(feature = "tower-sessions")]
mod tower_sessions_store;

pub(crate) use arrivals::{Arrivals, Finishing};
pub(crate) use attempts::Attempts;
pub(crate) use bounded_store::BoundedStore;
pub(crate) use cookie::{Carried, Found, SessionCookie, TooLarge, sensitive};
#[cfg(test)]
pub(crate) use far_store::FarStore;
pub(crate) use login_attempt::LoginAttempt;
pub use memory_store::MemoryStore;
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use postgres_store::{PostgresStore, PostgresStoreBuilder, PostgresStoreError};
pub(crate) use record::SessionRecord;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub use redis_store::{RedisStore, RedisStoreBuilder, RedisStoreError};
pub(crate) use refresh_notes::{Holder, NoteAt, RefreshNote, RefreshNotes};
pub(crate) use rolling::{Standing, judge};
pub(crate) use seal::{KeyAge, KeyRing, Purpose};
pub(crate) use shared_tokens::{SharedKind, SharedTokenAt, SharedTokens};
pub(crate) use shelf::{Home, Keeping, Saved, Shelf};
pub(crate) use spent_logout_tokens::SpentLogoutTokens;
pub use store::{Groups, Promises, Reach, Record, SessionStore, StoreError, StoreFuture, Swap, Version};
pub(crate) use tombstones::{Asks, Tombstones};
#[cfg(feature = "tower-sessions")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower-sessions")))]
pub use tower_sessions_store::TowerSessionsStore;
