//! The store over a link and its scripts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use redis::{RedisResult, Value};

use crate::session::redis_store::builder::RedisStoreBuilder;
use crate::session::redis_store::error::Failure;
use crate::session::redis_store::layout::{self, new_mark};
use crate::session::redis_store::link::Link;
use crate::session::redis_store::place::Kind;
use crate::session::redis_store::scripts::Scripts;
use crate::session::store::{
    Groups, Promises, Reach, Record, SessionStore, StoreError, StoreFuture, Swap, Version,
};

/// A session store in Redis (6.2 or newer) or Valkey; its copies share their connection.
///
/// # What it promises
/// The whole contract, to all instances that use the same Redis and the same prefix.
///
/// # What Redis cannot promise
/// - Replication is asynchronous: a replica that is made master may lack the last second of writes.
///   A session that was stored then is gone and its user logs in again; a session whose tokens were
///   refreshed then has the older refresh token, which a provider with rotation refuses; a logout of
///   that second may be undone. A lease may be held twice for as long as it lasts.
/// - A restart keeps what was written to disk: with `appendonly yes` and `appendfsync everysec` all but
///   the last second, without persistence nothing. `appendfsync always` loses nothing.
/// - Memory is limited: with a `maxmemory-policy` other than `noeviction` a record may be evicted
///   before its time, and with the note of a logout the logout. A start warns of it in the log.
/// - Its clock measures lifetimes and numbers versions. Set back by more than it takes to remove a
///   record and store another, it may give a version that is lower than one before.
///
/// # On the network
/// `redis://` to another machine is taken: records are sealed with a key that only the browser holds,
/// and whoever reads or changes them on the way reads nothing and forges no session. But the names of
/// records, and the password of Redis, are sent in clear; whoever has the password can remove
/// sessions. A start warns of it. Use `rediss://`.
///
/// With `rediss://` the process's cryptography for rustls is set to aws-lc where none was chosen.
///
/// # Limits
/// An answer takes at most 500 milliseconds ([`RedisStoreBuilder::with_command_timeout`]). After an
/// outage commands work again within two seconds. Each instance has one connection, or one to each
/// node of a cluster. A group keeps the names of records that were removed one by one until their
/// time: some 100 bytes each. One of tens of thousands of records may take longer to remove than an
/// answer may: that is an error, what was removed stays removed, and the next removal goes on.
///
/// # Example
/// ```no_run
/// use auth_layer::session::RedisStore;
///
/// # async fn start() -> Result<(), auth_layer::session::RedisStoreError> {
/// let store = RedisStore::builder("redis://127.0.0.1:6379").with_prefix("shop:").connect().await?;
///
/// let refused = RedisStore::builder("http://127.0.0.1:6379").connect().await;
/// assert!(refused.unwrap_err().to_string().starts_with("the URL of Redis is of another scheme"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RedisStore(Arc<Shared>);

struct Shared {
    link: Link,
    scripts: Scripts,
    prefix: String,
    timeout: Duration,
}

impl RedisStore {
    /// Starts with one server: `redis://host:6379`, or `rediss://` for TLS; `/2` is the database 2.
    pub fn builder(url: impl Into<String>) -> RedisStoreBuilder {
        RedisStoreBuilder::new(Kind::Node, vec![url.into()])
    }

    /// Starts with some servers of a cluster, which name the others.
    pub fn cluster_builder<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> RedisStoreBuilder {
        RedisStoreBuilder::new(Kind::Cluster, urls.into_iter().map(Into::into).collect())
    }

    /// Starts with sentinels, and the name by which they know the master.
    ///
    /// The nodes are reached as the sentinels are: over TLS where their URLs say `rediss://`, and in
    /// the database that the first URL names.
    pub fn sentinel_builder<U: Into<String>>(
        urls: impl IntoIterator<Item = U>,
        master: impl Into<String>,
    ) -> RedisStoreBuilder {
        let kind = Kind::Sentinel { master: master.into() };
        RedisStoreBuilder::new(kind, urls.into_iter().map(Into::into).collect())
    }

    pub(super) fn new(link: Link, prefix: String, timeout: Duration) -> Self {
        Self(Arc::new(Shared { link, scripts: Scripts::new(), prefix, timeout }))
    }
}

impl Shared {
    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// No name has a dot: no record has the key of a group.
    fn group_key(&self, group: &str) -> String {
        format!("{}g.{group}", self.prefix)
    }

    async fn load(&self, name: &str) -> RedisResult<Option<Record>> {
        let mut command = redis::cmd("GET");
        command.arg(self.key(name));
        match self.link.ask(&command).await {
            // A key of another type is another application's.
            Err(error) if error.code() == Some("WRONGTYPE") => Ok(None),
            answer => Ok(record(&answer?)),
        }
    }

    async fn load_all(&self, names: &[&str]) -> RedisResult<Vec<Option<Record>>> {
        if matches!(self.link, Link::Cluster(_)) || names.is_empty() {
            return try_join_all(names.iter().map(|name| self.load(name))).await;
        }
        let mut command = redis::cmd("MGET");
        for name in names {
            command.arg(self.key(name));
        }
        match self.link.ask(&command).await? {
            Value::Array(values) if values.len() == names.len() => Ok(values.iter().map(record).collect()),
            _ => Err((redis::ErrorKind::UnexpectedReturnType, "MGET answered with something else").into()),
        }
    }

    async fn insert(
        &self,
        name: &str,
        bytes: &[u8],
        lifetime: Duration,
        groups: Groups<'_>,
    ) -> RedisResult<Swap> {
        let mark = new_mark();
        let member = layout::member(mark, name);
        let keys: Vec<String> = groups.names.iter().map(|group| self.group_key(group)).collect();
        let longest = groups.lifetime.max(lifetime);
        // Before the record: a removal of the group that comes in between leaves the membership for the next.
        let joins = keys.iter().map(|key| self.scripts.join(&self.link, key, longest, &member));
        let are_ours = try_join_all(joins).await?;
        let swap = if are_ours.contains(&false) {
            Swap::Conflict
        } else {
            self.scripts.insert(&self.link, &self.key(name), lifetime, mark, bytes).await?
        };
        if swap == Swap::Conflict {
            // The mark is this insert's own, so this takes nothing from whoever was first.
            let ours = keys.iter().zip(&are_ours).filter(|(_, is_ours)| **is_ours);
            let members = [member.as_slice()];
            try_join_all(ours.map(|(key, _)| self.scripts.leave(&self.link, key, &members))).await?;
        }
        Ok(swap)
    }

    async fn remove_group(&self, group: &str) -> RedisResult<u64> {
        let key = self.group_key(group);
        let mut command = redis::cmd("ZRANGE");
        command.arg(&key).arg(0).arg(-1);
        let Value::Array(members) = self.link.ask(&command).await? else {
            return Err(
                (redis::ErrorKind::UnexpectedReturnType, "ZRANGE answered with something else").into()
            );
        };
        let mut removed = 0;
        for members in members.chunks(AT_ONCE) {
            let members: Vec<&[u8]> = members.iter().filter_map(bytes_of).collect();
            let were_there = try_join_all(members.iter().map(|member| self.remove_member(member))).await?;
            // One that was not there may be an insert under way: its membership stays until its time.
            let gone: Vec<&[u8]> =
                members.iter().zip(were_there).filter_map(|(&member, was)| was.then_some(member)).collect();
            removed += gone.len() as u64;
            self.scripts.leave(&self.link, &key, &gone).await?;
        }
        Ok(removed)
    }

    async fn remove_member(&self, member: &[u8]) -> RedisResult<bool> {
        let Some((birth, name)) = layout::read_member(member) else { return Ok(false) };
        self.scripts.remove(&self.link, &self.key(name), Some(birth)).await
    }

    fn answer<'a, T: Send + 'a>(
        &'a self,
        asking: impl Future<Output = RedisResult<T>> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            match tokio::time::timeout(self.timeout, asking).await {
                Ok(answer) => answer.map_err(|error| Failure::of(&error)),
                Err(_) => {
                    self.link.doubt();
                    Err::<T, StoreError>(Failure::late())
                }
            }
        })
    }
}

impl SessionStore for RedisStore {
    fn promises(&self) -> Promises {
        Promises::all(Reach::Fleet)
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        self.0.answer(self.0.load(name))
    }

    fn load_all<'a>(&'a self, names: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Record>>> {
        self.0.answer(self.0.load_all(names))
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        self.0.answer(async move { self.0.insert(name, &record, lifetime, groups).await })
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        self.0.answer(async move {
            let (link, key) = (&self.0.link, self.0.key(name));
            self.0.scripts.compare_and_swap(link, &key, expected, lifetime, new_mark(), &record).await
        })
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        self.0.answer(async move {
            self.0.scripts.compare_and_remove(&self.0.link, &self.0.key(name), expected).await
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.0.answer(
            async move { self.0.scripts.remove(&self.0.link, &self.0.key(name), None).await.map(drop) },
        )
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        self.0.answer(self.0.remove_group(group))
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.0.prefix).finish_non_exhaustive()
    }
}

fn record(value: &Value) -> Option<Record> {
    bytes_of(value).and_then(layout::read)
}

fn bytes_of(value: &Value) -> Option<&[u8]> {
    if let Value::BulkString(bytes) = value { Some(bytes) } else { None }
}

/// How many records of a group are removed in one round trip.
const AT_ONCE: usize = 256;
