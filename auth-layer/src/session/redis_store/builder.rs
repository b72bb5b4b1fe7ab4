//! The settings of a Redis store.

use std::fmt;
use std::time::Duration;

use crate::config::ConfigError;
use crate::secret::Secret;
use crate::session::redis_store::dial::{Dialer, Tls};
use crate::session::redis_store::error::RedisStoreError;
use crate::session::redis_store::link::Link;
use crate::session::redis_store::place::{Credentials, Kind, Place};
use crate::session::redis_store::server;
use crate::session::redis_store::store::RedisStore;

/// Collects what a [`RedisStore`] needs to know; its [docs](RedisStore) say what for.
#[derive(Clone)]
#[must_use]
pub struct RedisStoreBuilder {
    kind: Kind,
    urls: Vec<String>,
    credentials: Credentials,
    tls: Tls,
    prefix: String,
    command_timeout: Duration,
}

impl RedisStoreBuilder {
    pub(super) fn new(kind: Kind, urls: Vec<String>) -> Self {
        Self {
            kind,
            urls,
            credentials: Credentials::default(),
            tls: Tls::default(),
            prefix: DEFAULT_PREFIX.to_owned(),
            command_timeout: DEFAULT_TIMEOUT,
        }
    }

    /// Sets the user name (ACL) at Redis; by default that of the URL, or `default`.
    ///
    /// With sentinels it is that of the nodes; the sentinels' own is in their URL.
    pub fn with_username(mut self, username: impl Into<String>) -> Self {
        self.credentials.username = Some(username.into());
        self
    }

    /// Sets the password at Redis; by default that of the URL.
    ///
    /// With sentinels it is that of the nodes; the sentinels' own is in their URL.
    pub fn with_password(mut self, password: impl Into<Secret<String>>) -> Self {
        self.credentials.password = Some(password.into());
        self
    }

    /// Sets the certificates (PEM) of the authorities that sign Redis' own; by default the system's.
    pub fn with_tls_roots(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.roots = Some(pem.into());
        self
    }

    /// Sets the certificate and the key (PEM) that Redis knows this application by; by default none.
    pub fn with_client_certificate(mut self, certificate: impl Into<Vec<u8>>, key: Secret<String>) -> Self {
        self.tls.client = Some((certificate.into(), key));
        self
    }

    /// Sets what all keys begin with; by default `auth-layer:`.
    ///
    /// Each application in one Redis needs its own. Printable ASCII, 1 to 64 characters.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how long an answer is waited for; by default 500 milliseconds, at most a second.
    pub fn with_command_timeout(mut self, timeout: Duration) -> Self {
        self.command_timeout = timeout;
        self
    }

    /// Connects, and checks that the server can keep sessions and that the prefix is free or ours.
    ///
    /// # Errors
    /// [`RedisStoreError`], within ten seconds: a setting that cannot work, a server that does not
    /// answer, refuses the credentials or is too old, and a prefix that another application uses.
    pub async fn connect(self) -> Result<RedisStore, RedisStoreError> {
        let places = self.judge()?;
        if places.iter().any(Place::shows_password) {
            tracing::warn!(
                "the password of Redis is sent in clear to another machine: use rediss://, or a user who may do little"
            );
        }
        let addresses = places.iter().map(Place::address).collect::<Vec<_>>().join(", ");
        let connecting = async {
            let link = match &self.kind {
                Kind::Cluster => Link::cluster(&places, &self.tls, self.command_timeout).await,
                Kind::Node => Link::kept(Dialer::node(&places, &self.tls)).await,
                Kind::Sentinel { master } => {
                    Link::kept(Dialer::sentinel(&places, master, &self.credentials, &self.tls)).await
                }
            };
            let link = link.map_err(|error| RedisStoreError::connecting(&addresses, &error))?;
            server::check(&link, &addresses).await?;
            server::mark(&link, &addresses, &self.prefix).await?;
            Ok(link)
        };
        let link = tokio::time::timeout(LONGEST_CONNECT, connecting).await.unwrap_or_else(|_| {
            let reason = "no answer in time".to_owned();
            Err(RedisStoreError::Unreachable { server: addresses.clone(), reason })
        })?;
        Ok(RedisStore::new(link, self.prefix, self.command_timeout))
    }

    fn judge(&self) -> Result<Vec<Place>, ConfigError> {
        if self.urls.is_empty() {
            return Err(ConfigError::missing("the URL of Redis", "name at least one server"));
        }
        if self.prefix.is_empty()
            || self.prefix.len() > 64
            || !self.prefix.bytes().all(|c| c.is_ascii_graphic())
        {
            let fix = "use 1 to 64 characters without spaces, such as \"shop:\"";
            return Err(ConfigError::wrong("the prefix", &self.prefix, "cannot begin a key", fix));
        }
        if self.command_timeout < SHORTEST_TIMEOUT || self.command_timeout > LONGEST_TIMEOUT {
            let (shown, fix) = (format!("{:?}", self.command_timeout), "use 10 milliseconds to a second");
            return Err(ConfigError::wrong("the command timeout", &shown, "is out of range", fix));
        }
        let of_sentinels = matches!(self.kind, Kind::Sentinel { .. });
        let credentials = if of_sentinels { &Credentials::default() } else { &self.credentials };
        let places: Vec<Place> =
            self.urls.iter().map(|url| Place::read(url, credentials)).collect::<Result<_, _>>()?;
        if places.iter().any(|place| place.has_tls() != places[0].has_tls()) {
            let fix = "use one scheme for all of them";
            return Err(ConfigError::wrong_secret("the URLs of Redis", "are partly over TLS", fix));
        }
        if !places[0].has_tls() && self.tls.is_set() {
            let fix = "use rediss:// with certificates";
            return Err(ConfigError::wrong_secret("the URL of Redis", "is not over TLS", fix));
        }
        Ok(places)
    }
}

/// Shows no URL, since one may hold a password.
impl fmt::Debug for RedisStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStoreBuilder")
            .field("kind", &self.kind)
            .field("urls", &self.urls.len())
            .field("prefix", &self.prefix)
            .field("command_timeout", &self.command_timeout)
            .finish_non_exhaustive()
    }
}

const DEFAULT_PREFIX: &str = "auth-layer:";
const DEFAULT_TIMEOUT: Duration = Duration::from_millis(500);
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(10);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest that a start may take.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);
