//! What keeps a Redis store from starting, and what a command met.

use redis::{ErrorKind, RedisError};

use crate::config::ConfigError;
use crate::session::store::StoreError;

/// Why a Redis store does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedisStoreError {
    /// A setting cannot work.
    #[error(transparent)]
    Settings(#[from] ConfigError),
    /// No server answers.
    #[error("Redis at {server} does not answer ({reason}): check that it runs, its address and its TLS")]
    #[non_exhaustive]
    Unreachable {
        /// Its addresses, without credentials.
        server: String,
        /// What was met.
        reason: String,
    },
    /// The user name or the password is wrong or missing.
    #[error(
        "Redis at {server} refuses the credentials ({reason}): check user name and password, and what the user may do"
    )]
    #[non_exhaustive]
    Credentials {
        /// Its addresses, without credentials.
        server: String,
        /// The code of the server's answer.
        reason: String,
    },
    /// The server is too old.
    #[error("Redis {found} is too old: use Redis 6.2 or newer, or Valkey")]
    #[non_exhaustive]
    TooOld {
        /// Its version.
        found: String,
    },
    /// The prefix belongs to another application.
    #[error(
        "the prefix {prefix:?} is another application's: give this one a prefix of its own, by with_prefix"
    )]
    #[non_exhaustive]
    PrefixInUse {
        /// The prefix.
        prefix: String,
    },
    /// The records under this prefix are of another format.
    #[error(
        "under the prefix {prefix:?} are records of another format than this version writes ({found:?}): use another prefix, by with_prefix"
    )]
    #[non_exhaustive]
    OtherFormat {
        /// The prefix.
        prefix: String,
        /// The format that is there.
        found: String,
    },
}

impl RedisStoreError {
    /// What kept from connecting to the server.
    pub(super) fn connecting(server: &str, error: &RedisError) -> Self {
        let (server, reason) = (server.to_owned(), describe(error));
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS" | "NOAUTH" | "NOPERM")) => {
                Self::Credentials { server, reason }
            }
            (ErrorKind::RESP3NotSupported, _) => Self::TooOld { found: "without RESP3".to_owned() },
            _ => Self::Unreachable { server, reason },
        }
    }
}

/// What a command met instead of an answer.
#[derive(Debug, thiserror::Error)]
#[error("Redis: {0}")]
pub(super) struct Failure(String);

impl Failure {
    /// Wraps it for whoever asked.
    pub(super) fn of(error: &RedisError) -> StoreError {
        StoreError::new(Self(describe(error)))
    }

    /// There was no answer in time.
    pub(super) fn late() -> StoreError {
        StoreError::new(Self("no answer in time".to_owned()))
    }
}

/// Says what went wrong without what a server says in its own words.
///
/// Those may repeat a command's arguments, and so a password or a record.
fn describe(error: &RedisError) -> String {
    match (error.code(), error.kind()) {
        (Some(code), _) => code.to_owned(),
        (None, ErrorKind::Io) => error.to_string(),
        (None, _) => error.category().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_own_words_are_not_repeated() {
        let said = "unknown command `HELLO`, with args beginning with: `AUTH` `s3cret`";
        let error = redis::make_extension_error("ERR".into(), Some(said.into()));
        assert_eq!(describe(&error), "ERR");
        let shown = format!("{:?}", RedisStoreError::connecting("redis.example:6379", &error));
        assert!(!shown.contains("s3cret"), "{shown}");
        let shown = format!("{:?}", Failure::of(&error));
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn refused_credentials_are_told_from_silence() {
        let refused = redis::make_extension_error("WRONGPASS".into(), None);
        let error = RedisStoreError::connecting("redis.example:6379", &refused);
        assert!(matches!(error, RedisStoreError::Credentials { .. }), "{error}");
        let silent = RedisError::from(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
        let error = RedisStoreError::connecting("redis.example:6379", &silent);
        assert!(matches!(error, RedisStoreError::Unreachable { .. }), "{error}");
    }
}
