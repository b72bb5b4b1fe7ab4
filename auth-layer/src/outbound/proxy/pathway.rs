//! From the path that a browser asked for to the one that the API is asked for.

use http::Uri;
use http::uri::PathAndQuery;
use percent_encoding::percent_decode;

use crate::config::ConfigError;
use crate::outbound::address::Address;
use crate::outbound::proxy::error::ProxyErrorKind;

/// The path under which an application serves an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefix(String);

impl Prefix {
    /// Reads `/api`, also written `/api/` or `/api/*`; `/` is the whole application.
    pub(super) fn parse(value: &str) -> Result<Self, ConfigError> {
        let path = value.strip_suffix('*').unwrap_or(value).trim_end_matches('/');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        let is_sound =
            value.starts_with('/') && path.bytes().all(plain) && (path.is_empty() || is_safe(path));
        if is_sound {
            return Ok(Self(path.to_owned()));
        }
        Err(ConfigError::wrong("the proxy's path", value, "is no plain path", "write it like /api"))
    }

    /// Returns what of a path is the API's: empty, or from a slash on.
    ///
    /// `sent` is the path that the client sent, and `path` what routers have left of it: all, or what comes after
    /// the prefix.
    pub(super) fn rest<'a>(&self, sent: &str, path: &'a str) -> Option<&'a str> {
        // A router that nests shows `/` for its own path, with a slash at its end and without.
        let is_root = path == "/" && !sent.ends_with('/');
        let taken = if is_root { Some(sent) } else { sent.strip_suffix(path) };
        if !self.0.is_empty() && taken.is_some_and(|taken| taken.ends_with(&self.0)) {
            return Some(if is_root { "" } else { path });
        }
        path.strip_prefix(&self.0).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Returns the address to ask for; the query is the client's, byte for byte.
pub(super) fn target(address: &Address, rest: &str, query: Option<&str>) -> Result<Uri, ProxyErrorKind> {
    if !rest.is_empty() && !is_safe(rest) {
        return Err(ProxyErrorKind::Path);
    }
    let mut path = format!("{}{rest}", address.path());
    if path.is_empty() {
        path.push('/');
    }
    if let Some(query) = query {
        path.push('?');
        path.push_str(query);
    }
    let path = PathAndQuery::try_from(path).map_err(|_| ProxyErrorKind::Path)?;
    address.with(path).ok_or(ProxyErrorKind::Path)
}

/// Whether a path means the same to every server: one that decodes it once, twice or not at all, that takes a
/// backslash for a slash, or cuts a segment at its `;`.
fn is_safe(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else { return false };
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if segment.is_empty() && !is_last || !is_safe_segment(segment) {
            return false;
        }
    }
    true
}

fn is_safe_segment(segment: &str) -> bool {
    if !is_encoded_well(segment) {
        return false;
    }
    let mut decoded: Vec<u8> = percent_decode(segment.as_bytes()).collect();
    if decoded.iter().any(|byte| matches!(byte, b'/' | b'\\') || byte.is_ascii_control()) {
        return false;
    }
    // Deliberately not until nothing changes: `%252525..` has as many rounds as it is long.
    for _ in 0..MOST_DECODINGS {
        let parts = decoded.split(|byte| matches!(byte, b'/' | b'\\'));
        let mut names = parts.map(|part| (part, part.split(|byte| *byte == b';').next().unwrap_or_default()));
        if names.any(|(part, name)| matches!(name, b"." | b"..") || name.is_empty() && !part.is_empty()) {
            return false;
        }
        let again: Vec<u8> = percent_decode(&decoded).collect();
        if again == decoded {
            return true;
        }
        decoded = again;
    }
    false
}

fn is_encoded_well(segment: &str) -> bool {
    let mut parts = segment.split('%');
    parts.next();
    parts.all(|part| part.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

/// No server decodes a path as often, and nobody encodes one so.
const MOST_DECODINGS: usize = 5;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::outbound::address::Plaintext;

    fn asked(path_and_query: &str) -> Result<String, ProxyErrorKind> {
        let address = Address::parse("https://api.shop.example/v1/", "", Plaintext::Refused).unwrap();
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        target(&address, path, query).map(|uri| uri.to_string())
    }

    #[test]
    fn a_path_is_kept_as_it_is_below_that_of_the_api() {
        let cases = [
            ("", "https://api.shop.example/v1"),
            ("/", "https://api.shop.example/v1/"),
            ("/a/b/", "https://api.shop.example/v1/a/b/"),
            ("/a?", "https://api.shop.example/v1/a?"),
            ("/a?b='c'&d=%2e%2e/../e//", "https://api.shop.example/v1/a?b='c'&d=%2e%2e/../e//"),
            ("/%C3%A9%20x", "https://api.shop.example/v1/%C3%A9%20x"),
            ("/100%25", "https://api.shop.example/v1/100%25"),
            ("/a%252Fb", "https://api.shop.example/v1/a%252Fb"),
            ("/100%252525", "https://api.shop.example/v1/100%252525"),
            ("/.../..a/.b/a..", "https://api.shop.example/v1/.../..a/.b/a.."),
            ("/a;v=1/b", "https://api.shop.example/v1/a;v=1/b"),
            ("/http://evil.example"[..6].trim_end_matches('/'), "https://api.shop.example/v1/http:"),
        ];
        for (path, expected) in cases {
            assert_eq!(asked(path).as_deref(), Ok(expected), "{path}");
        }
    }

    #[test]
    fn a_path_that_may_lead_elsewhere_is_refused() {
        for path in [
            "/..",
            "/.",
            "/a/../b",
            "/a/..",
            "/%2e%2e/b",
            "/%2E./b",
            "/.%2e",
            "//evil.example/b",
            "/a//b",
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/a\\..\\b",
            "/..\\b",
            "/..;/b",
            "/..%3b/b",
            "/.;x/b",
            "/%252e%252e/b",
            "/%25252e%25252e/b",
            "/%25252525252e%25252525252e/b",
            "/%25252525252525",
            "/;/b",
            "/;v=1/b",
            "/%3bx/b",
            "/a%252f..%252fb",
            "/a%255c..%255cb",
            "/a%00b",
            "/a%0d%0ab",
            "/a%7fb",
            "/%",
            "/%2",
            "/%zz",
            "/%+1",
            "a",
        ] {
            assert_eq!(asked(path), Err(ProxyErrorKind::Path), "{path}");
        }
    }

    #[test]
    fn what_a_router_took_away_is_not_taken_away_again() {
        let api = Prefix::parse("/api").unwrap();
        let cases = [
            ("/api/a", "/api/a", Some("/a")),
            ("/api/a", "/a", Some("/a")),
            ("/api", "/api", Some("")),
            ("/api", "/", Some("")),
            ("/api/", "/", Some("/")),
            ("/api/", "/api/", Some("/")),
            ("/api/api/a", "/api/a", Some("/api/a")),
            ("/api/api/a", "/api/api/a", Some("/api/a")),
            ("/app/api/a", "/a", Some("/a")),
            ("/app/api/a", "/api/a", Some("/a")),
            ("/apis/a", "/apis/a", None),
            ("/other", "/other", None),
            ("/", "/", None),
        ];
        for (sent, path, expected) in cases {
            assert_eq!(api.rest(sent, path), expected, "{sent} {path}");
        }
        let all = Prefix::parse("/").unwrap();
        assert_eq!(all.rest("/a", "/a"), Some("/a"));
    }

    #[test]
    fn a_prefix_is_a_plain_path() {
        for value in ["/api", "/api/", "/api/*"] {
            assert_eq!(Prefix::parse(value).unwrap(), Prefix("/api".into()));
        }
        for value in ["", "api", "/a//b", "/../a", "/{a}", "/a?b", "https://a.example/"] {
            assert!(Prefix::parse(value).is_err(), "{value}");
        }
    }
}
