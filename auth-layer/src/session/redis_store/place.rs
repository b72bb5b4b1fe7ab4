//! Where Redis is: one node, a cluster, or the master that sentinels know.

use redis::io::tcp::TcpSettings;
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion, TlsMode};
use url::{Host, Url};

use crate::config::ConfigError;
use crate::secret::Secret;

/// How the URLs are meant.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// One server.
    Node,
    /// Some servers of a cluster.
    Cluster,
    /// The sentinels of this master.
    Sentinel { master: String },
}

/// A user name and a password for Redis.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    pub(super) username: Option<String>,
    pub(super) password: Option<Secret<String>>,
}

/// One address, as its URL says it.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) info: ConnectionInfo,
    is_loopback: bool,
}

impl Place {
    /// Reads a URL, and puts the credentials in where it has none.
    pub(super) fn read(url: &str, credentials: &Credentials) -> Result<Self, ConfigError> {
        // Never shown: a URL may hold a password.
        let wrong = |why: &str| ConfigError::wrong_secret("the URL of Redis", why, FIX);
        let parsed = Url::parse(url).map_err(|_| wrong("cannot be read"))?;
        if !matches!(parsed.scheme(), "redis" | "rediss" | "valkey" | "valkeys") {
            return Err(wrong("is of another scheme"));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(wrong("has a query or a fragment, such as #insecure"));
        }
        let info = url.into_connection_info().map_err(|_| wrong("cannot be used"))?;
        let mut settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        if let Some(password) = &credentials.password {
            settings = settings.set_password(password.expose());
        }
        if let Some(username) = &credentials.username {
            settings = settings.set_username(username);
        }
        let info =
            info.set_redis_settings(settings).set_tcp_settings(TcpSettings::default().set_nodelay(true));
        Ok(Self { info, is_loopback: is_loopback(&parsed) })
    }

    pub(super) fn has_tls(&self) -> bool {
        matches!(self.info.addr(), ConnectionAddr::TcpTls { .. })
    }

    pub(super) fn tls_mode(&self) -> Option<TlsMode> {
        self.has_tls().then_some(TlsMode::Secure)
    }

    /// Whether a password is sent to another machine in clear.
    pub(super) fn shows_password(&self) -> bool {
        !self.has_tls() && !self.is_loopback && self.info.redis_settings().password().is_some()
    }

    /// Host and port, nothing else.
    pub(super) fn address(&self) -> String {
        self.info.addr().to_string()
    }
}

fn is_loopback(url: &Url) -> bool {
    // The URL parser knows the hosts only of the web's own schemes.
    match Host::parse(url.host_str().unwrap_or_default()) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

const FIX: &str = "write redis://host:6379 or rediss://host:6379, with /2 for the database 2";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Place, ConfigError> {
        Place::read(url, &Credentials::default())
    }

    #[test]
    fn what_is_not_a_url_of_redis_is_refused_and_not_repeated() {
        for url in [
            "",
            "localhost:6379",
            "http://:s3cret@redis.example",
            "redis://",
            "redis://:s3cret@redis.example/two",
            "redis://:s3cret@redis.example?protocol=2",
            "rediss://:s3cret@redis.example#insecure",
        ] {
            let error = read(url).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with("the URL of Redis"), "{url}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_password_is_seen_by_the_network_only_where_it_is_sent_in_clear_to_another_machine() {
        for (url, expected) in [
            ("redis://redis.example", false),
            ("redis://:s3cret@redis.example", true),
            ("valkey://:s3cret@192.0.2.1", true),
            ("rediss://:s3cret@redis.example", false),
            ("redis://:s3cret@127.0.0.1:6379/2", false),
            ("redis://:s3cret@[::1]:6379", false),
            ("redis://:s3cret@localhost", false),
        ] {
            assert_eq!(read(url).unwrap().shows_password(), expected, "{url}");
        }
    }

    #[test]
    fn the_address_of_a_place_has_no_password() {
        assert_eq!(read("redis://user:s3cret@redis.example:7000/2").unwrap().address(), "redis.example:7000");
    }
}
