//! Where the application lives, as its users see it.

use url::{Host, Url};

use crate::config::error::ConfigError;

/// The application's own address; callbacks are made from it, never from a request's `Host`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    url: Url,
    origin: String,
}

impl BaseUrl {
    pub(crate) fn parse(value: &str, insecure_allowed: bool) -> Result<Self, ConfigError> {
        let fix = "write the address that users type, such as https://app.example";
        let mut url =
            Url::parse(value).map_err(|_| ConfigError::wrong("base URL", value, "is no URL", fix))?;
        if has_credentials(&url) {
            return Err(ConfigError::wrong_secret("the base URL", "has a username or a password", fix));
        }
        if url.cannot_be_a_base() || url.query().is_some() || url.fragment().is_some() {
            return Err(ConfigError::wrong("base URL", value, "has more than an origin and a path", fix));
        }
        if !is_secure_or_loopback(&url) && !insecure_allowed {
            let fix = "use https, http on loopback, or danger_allow_http_urls() in a test network";
            return Err(ConfigError::wrong("base URL", value, "must be https", fix));
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let origin = url.origin().ascii_serialization();
        Ok(Self { url, origin })
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether a `Host` header names this application's host and port.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        let scheme = self.url.scheme();
        Url::parse(&format!("{scheme}://{host}/")).is_ok_and(|url| url.origin() == self.url.origin())
    }

    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The path of one of our routes, below the base URL's own path.
    pub(crate) fn path_of(&self, path: &str) -> String {
        format!("{}{path}", self.url.path().trim_end_matches('/'))
    }

    /// A request's path, less the base URL's own path where it begins with that.
    pub(crate) fn without_path<'a>(&self, path: &'a str) -> &'a str {
        let own = self.url.path().trim_end_matches('/');
        path.strip_prefix(own).filter(|rest| rest.starts_with('/')).unwrap_or(path)
    }

    /// The address of a request, by the path that it came with.
    ///
    /// A proxy may have taken the base URL's own path away: then it is put back.
    pub(crate) fn address_of(&self, path: &str) -> String {
        format!("{}{}", self.origin, self.path_of(self.without_path(path)))
    }

    /// The address as a resource identifier, which ends in no slash (RFC 9728 §1.2).
    pub(crate) fn identifier(&self) -> String {
        self.join("").trim_end_matches('/').to_owned()
    }

    /// A well-known address: it goes between the host and the base URL's own path (RFC 8615 §3).
    pub(crate) fn well_known(&self, path: &str) -> String {
        format!("{}{}", self.origin, self.well_known_path(path))
    }

    /// The path of a well-known address.
    pub(crate) fn well_known_path(&self, path: &str) -> String {
        format!("{path}{}", self.url.path().trim_end_matches('/'))
    }

    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{}", self.origin, self.path_of(path))
    }
}

/// Whether an address carries a username or a password, which no message may show.
pub(crate) fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whether an address is https, or http that never leaves this machine.
pub(crate) fn is_secure_or_loopback(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}
