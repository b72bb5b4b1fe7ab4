//! Whether a server can keep sessions, and whether a prefix is ours.

use redis::{FromRedisValue as _, Value};

use crate::session::redis_store::error::RedisStoreError;
use crate::session::redis_store::link::Link;

/// Refuses a server that is too old, and says in the log what it may lose.
pub(super) async fn check(link: &Link, address: &str) -> Result<(), RedisStoreError> {
    let mut reports = Vec::new();
    match link.ask(&redis::cmd("INFO")).await {
        Ok(answer) => texts(&answer, &mut reports),
        // A user of Redis may be allowed keys and scripts, and no more.
        Err(error) if error.code() == Some("NOPERM") => {
            tracing::warn!("Redis does not say what it is, since its user may not ask: allow +info");
        }
        Err(error) => return Err(RedisStoreError::connecting(address, &error)),
    }
    for report in reports {
        let server = Server::read(&report);
        if server.version.is_some_and(|version| version < OLDEST) {
            return Err(RedisStoreError::TooOld { found: server.shown_version() });
        }
        if server.may_evict {
            tracing::warn!(
                "Redis may evict records when its memory is full, and with the note of a logout the logout: \
                 set maxmemory-policy noeviction"
            );
        }
        if server.is_replica {
            tracing::warn!("this Redis is a replica and takes no writes: name its master, or the sentinels");
        }
    }
    Ok(())
}

/// Takes the prefix, or checks that we have taken it before.
pub(super) async fn mark(link: &Link, address: &str, prefix: &str) -> Result<(), RedisStoreError> {
    let key = format!("{prefix}{MARKER}");
    let mut take = redis::cmd("SET");
    take.arg(&key).arg(FORMAT).arg("NX");
    let taken = link.ask(&take).await;
    match taken {
        Ok(Value::Okay) => return Ok(()),
        // A replica only reads; what is there is compared all the same.
        Ok(_) => {}
        Err(error) if error.code() == Some("READONLY") => {}
        Err(error) => return Err(RedisStoreError::connecting(address, &error)),
    }
    let mut look = redis::cmd("GET");
    look.arg(&key);
    let found = match link.ask(&look).await {
        Ok(Value::Nil) => return Ok(()),
        Ok(Value::BulkString(found)) => found,
        Err(error) if error.code() == Some("WRONGTYPE") => Vec::new(),
        Ok(_) => Vec::new(),
        Err(error) => return Err(RedisStoreError::connecting(address, &error)),
    };
    judge_marker(&found, prefix)
}

fn judge_marker(found: &[u8], prefix: &str) -> Result<(), RedisStoreError> {
    let prefix = prefix.to_owned();
    if found == FORMAT.as_bytes() {
        return Ok(());
    }
    if !found.starts_with(OURS.as_bytes()) {
        return Err(RedisStoreError::PrefixInUse { prefix });
    }
    let found = found.iter().take(MAX_SHOWN).map(|&byte| char::from(byte)).collect();
    Err(RedisStoreError::OtherFormat { prefix, found })
}

/// A cluster answers with a map of one report for each of its nodes.
fn texts(answer: &Value, found: &mut Vec<String>) {
    match answer {
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Map(pairs) => pairs.iter().for_each(|(_, value)| texts(value, found)),
        text => found.extend(String::from_redis_value(text.clone())),
    }
}

/// What a server says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Server {
    version: Option<(u32, u32)>,
    may_evict: bool,
    is_replica: bool,
}

impl Server {
    fn read(report: &str) -> Self {
        let mut server = Self::default();
        let (mut has_limit, mut evicts) = (false, false);
        for (name, value) in report.lines().filter_map(|line| line.trim().split_once(':')) {
            match name {
                "redis_version" => {
                    let mut numbers = value.split('.').map_while(|number| number.parse().ok());
                    server.version = numbers.next().map(|major| (major, numbers.next().unwrap_or(0)));
                }
                "role" => server.is_replica = value == "slave",
                "maxmemory" => has_limit = value != "0",
                "maxmemory_policy" => evicts = value != "noeviction",
                _ => {}
            }
        }
        server.may_evict = has_limit && evicts;
        server
    }

    fn shown_version(&self) -> String {
        self.version.map_or_else(String::new, |(major, minor)| format!("{major}.{minor}"))
    }
}

/// RESP3 would be there since 6.0; nobody tests us with it.
const OLDEST: (u32, u32) = (6, 2);
/// No name has a dot, so no record and no group has this key.
const MARKER: &str = ".format";
const OURS: &str = "auth-layer ";
const FORMAT: &str = "auth-layer 1";
const MAX_SHOWN: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_a_server_is() {
        for (report, expected) in [
            ("", Server::default()),
            (
                "# Server\r\nredis_version:7.0.15\r\nrole:master\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n",
                Server { version: Some((7, 0)), ..Server::default() },
            ),
            (
                "redis_version:6.0.16\r\nmaxmemory:100\r\nmaxmemory_policy:volatile-lru\r\n",
                Server { version: Some((6, 0)), may_evict: true, is_replica: false },
            ),
            (
                "redis_version:7.2.4\r\nserver_name:valkey\r\nrole:slave\r\nmaxmemory:9\r\nmaxmemory_policy:noeviction",
                Server { version: Some((7, 2)), may_evict: false, is_replica: true },
            ),
            ("redis_version:new", Server::default()),
        ] {
            assert_eq!(Server::read(report), expected, "{report}");
        }
        for (version, is_enough) in [((5, 9), false), ((6, 0), false), ((6, 2), true), ((10, 0), true)] {
            assert_eq!(version >= OLDEST, is_enough, "{version:?}");
        }
    }

    #[test]
    fn another_applications_prefix_is_told_from_another_format_of_ours() {
        assert!(judge_marker(b"auth-layer 1", "p:").is_ok());
        for found in [&b""[..], b"cart", b"\xff\xfe"] {
            let error = judge_marker(found, "p:").unwrap_err();
            assert!(matches!(error, RedisStoreError::PrefixInUse { .. }), "{error}");
        }
        let error = judge_marker(b"auth-layer 2", "p:").unwrap_err();
        assert!(error.to_string().contains("\"auth-layer 2\""), "{error}");
    }
}
