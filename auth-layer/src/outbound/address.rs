//! Where an API is: the origin that tokens may be sent to (RFC 6454 §4), and the path below which it lives.

use http::Uri;
use http::header::HeaderValue;
use http::uri::{Authority, PathAndQuery, Scheme};
use url::Url;

use crate::config::{ConfigError, is_secure_or_loopback};

/// An origin, and a path that ends in no slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    scheme: Scheme,
    authority: Authority,
    /// As the authority has it, without the port.
    host: String,
    port: u16,
    path: String,
}

/// Where a request goes, by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// To the origin.
    Here,
    /// It names no host.
    Unnamed,
    /// To another origin.
    Elsewhere,
}

/// Whether an address may be http where others can read what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plaintext {
    Refused,
    Allowed,
}

impl Address {
    /// Reads an origin with a path.
    pub(super) fn parse(value: &str, door: &str, plaintext: Plaintext) -> Result<Self, ConfigError> {
        let wrong = |why: &str, fix: &str| ConfigError::wrong("the API's address", value, why, fix);
        let fix = "write scheme, host and port, such as https://api.shop.example";
        // A URL that cannot be read may hold a password all the same.
        let url = Url::parse(value)
            .map_err(|_| ConfigError::wrong_secret("the API's address", "is no URL", fix))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ConfigError::wrong_secret("the API's address", "has a username or a password", fix));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has more than an origin and a path", fix));
        }
        let scheme = match url.scheme() {
            "https" => Scheme::HTTPS,
            "http" => Scheme::HTTP,
            _ => return Err(wrong("must be https", fix)),
        };
        if !is_secure_or_loopback(&url) {
            if plaintext == Plaintext::Refused {
                let fix = format!("use https, http on loopback, or {door} inside a network that you trust");
                return Err(wrong("must be https", &fix));
            }
            tracing::warn!(address = value, "{door}: tokens can be read on the way");
        }
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(wrong("names no host", fix));
        };
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let authority = authority.parse().map_err(|_| wrong("names no host", fix))?;
        let path = url.path().trim_end_matches('/').to_owned();
        Ok(Self { scheme, authority, host: host.to_owned(), port, path })
    }

    /// Reads an origin alone.
    pub(super) fn parse_origin(value: &str, door: &str, plaintext: Plaintext) -> Result<Self, ConfigError> {
        let address = Self::parse(value, door, plaintext)?;
        if !address.path.is_empty() {
            let fix = "leave the path out: a token is for the whole origin";
            return Err(ConfigError::wrong("the API's address", value, "has a path", fix));
        }
        Ok(address)
    }

    /// Where a request with this address, and these `Host` headers if it has any, goes.
    pub(super) fn destination<'a>(
        &self,
        uri: &Uri,
        hosts: impl IntoIterator<Item = &'a HeaderValue>,
    ) -> Destination {
        let destination = match (uri.scheme(), uri.authority()) {
            (Some(scheme), Some(authority)) => match self.is_at(scheme, authority) {
                true => Destination::Here,
                false => Destination::Elsewhere,
            },
            (None, None) => Destination::Unnamed,
            // As in a CONNECT.
            _ => Destination::Elsewhere,
        };
        // One machine may serve the hosts of many: the header says whose the request is. Of several, each may.
        let is_named = hosts.into_iter().all(|host| {
            // A host has no user's name (RFC 9110 §7.2), and who takes it for one has another host.
            let host = host.to_str().ok().filter(|host| !host.contains('@'));
            let host = host.and_then(|host| host.parse().ok());
            host.is_some_and(|host: Authority| self.is_at(&self.scheme, &host))
        });
        if is_named { destination } else { Destination::Elsewhere }
    }

    /// An address with the origin, where a request names no host.
    pub(super) fn complete(&self, uri: &Uri) -> Option<Uri> {
        let path = uri.path_and_query().filter(|path| path.as_str().starts_with('/'))?;
        self.with(path.clone())
    }

    /// An address of the origin.
    pub(super) fn with(&self, path_and_query: PathAndQuery) -> Option<Uri> {
        let uri = Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone());
        uri.path_and_query(path_and_query).build().ok()
    }

    /// The path below which the API lives, without a slash at its end: empty where that is the whole origin.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The host alone.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// As people write it.
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    fn is_at(&self, scheme: &Scheme, authority: &Authority) -> bool {
        let known = if *scheme == Scheme::HTTPS { 443 } else { 80 };
        // A port that is no number is no port.
        let has_port =
            authority.as_str().rsplit_once(']').map_or(authority.as_str(), |(_, rest)| rest).contains(':');
        let port = if has_port { authority.port_u16() } else { Some(known) };
        *scheme == self.scheme && authority.host().eq_ignore_ascii_case(&self.host) && port == Some(self.port)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<Address, String> {
        Address::parse(value, "danger_door(..)", Plaintext::Refused).map_err(|error| error.to_string())
    }

    #[test]
    fn an_origin_is_compared_whole() {
        use Destination::{Elsewhere, Here, Unnamed};
        let cases = [
            ("https://api.shop.example", "https://api.shop.example/a?b", Here),
            ("https://api.shop.example", "https://API.shop.EXAMPLE:443/a", Here),
            ("https://api.shop.example/", "HTTPS://api.shop.example/", Here),
            ("https://api.shop.example", "/a", Unnamed),
            ("https://api.shop.example", "http://api.shop.example/a", Elsewhere),
            ("https://api.shop.example", "https://api.shop.example:8443/a", Elsewhere),
            ("https://api.shop.example", "https://api.shop.example.evil.example/a", Elsewhere),
            ("https://api.shop.example", "https://api.shop.example@evil.example/a", Elsewhere),
            ("https://api.shop.example", "https://evil.example/https://api.shop.example/", Elsewhere),
            ("https://api.shop.example", "https://shop.example/a", Elsewhere),
            ("https://api.shop.example", "https://api.shop.example./a", Elsewhere),
            ("http://127.0.0.1:80", "http://127.0.0.1/a", Here),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3001/a", Elsewhere),
            ("http://127.0.0.1:3000", "http://localhost:3000/a", Elsewhere),
            ("http://[::1]:3000", "http://[::1]:3000/a", Here),
            ("https://bücher.example", "https://xn--bcher-kva.example/a", Here),
        ];
        for (address, uri, expected) in cases {
            let address = parse(address).unwrap();
            assert_eq!(address.destination(&uri.parse().unwrap(), None), expected, "{address:?} {uri}");
        }
    }

    #[test]
    fn a_host_header_of_another_is_another_origin() {
        let address = parse("https://api.shop.example").unwrap();
        let uri = "https://api.shop.example/a".parse().unwrap();
        let at = |host: &str| address.destination(&uri, [&HeaderValue::try_from(host).unwrap()]);
        for host in ["api.shop.example", "api.shop.example:443", "API.shop.example"] {
            assert_eq!(at(host), Destination::Here, "{host}");
        }
        for host in [
            "evil.example",
            "api.shop.example:80",
            "",
            "api.shop.example, evil.example",
            "a b",
            "evil.example@api.shop.example",
        ] {
            assert_eq!(at(host), Destination::Elsewhere, "{host}");
        }
        let two = ["api.shop.example", "evil.example"].map(HeaderValue::from_static);
        assert_eq!(address.destination(&uri, &two), Destination::Elsewhere);
    }

    #[test]
    fn an_address_without_a_host_is_completed() {
        let address = parse("https://api.shop.example:8443").unwrap();
        let complete = |uri: &str| address.complete(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(complete("/a?b=c").as_deref(), Some("https://api.shop.example:8443/a?b=c"));
        assert_eq!(complete("*"), None);
    }

    #[test]
    fn what_cannot_be_an_origin_says_the_fix() {
        let cases = [
            ("http://api.shop.example", "must be https: use https, http on loopback, or danger_door(..)"),
            ("ftp://api.shop.example", "must be https"),
            ("api.shop.example", "is no URL"),
            ("https://", "is no URL"),
            ("https://a.example?x", "has more than an origin and a path"),
            ("https://a.example#x", "has more than an origin and a path"),
        ];
        for (value, says) in cases {
            let error = parse(value).unwrap_err();
            assert!(error.contains(says), "{value}: {error}");
        }
        for value in ["https://user:s3cret@a.example", "https://user:s3cret@"] {
            let error = parse(value).unwrap_err();
            assert!(!error.contains("s3cret"), "{error}");
        }
        let error = Address::parse_origin("https://a.example/v1", "", Plaintext::Refused).unwrap_err();
        assert!(error.to_string().contains("leave the path out"), "{error}");
    }
}
