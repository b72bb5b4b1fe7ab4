//! The head of a response as the browser gets it.

use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, HeaderName, LOCATION, TRANSFER_ENCODING, VARY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use url::Url;

use crate::outbound::address::Address;
use crate::outbound::hop_by_hop::HopByHop;

/// Where a response comes from, and where the browser saw it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) address: &'a Address,
    pub(super) target: &'a Uri,
    pub(super) public_prefix: &'a str,
}

/// Leaves in a head what an API may say in the name of the application.
pub(super) fn pass_on(status: StatusCode, headers: &mut HeaderMap, place: Place<'_>) {
    if headers.contains_key(TRANSFER_ENCODING) {
        // It is what the body was read by, and the length says something else (RFC 9112 §6.3).
        headers.remove(CONTENT_LENGTH);
    }
    let hop_by_hop = HopByHop::of(headers);
    let dropped: Vec<HeaderName> = headers
        .keys()
        .filter(|name| hop_by_hop.contains(name) || speaks_for_the_origin(name) || commands_the_front(name))
        .cloned()
        .collect();
    for name in dropped {
        headers.remove(name);
    }
    if status == StatusCode::UNAUTHORIZED {
        // One has to be there (RFC 9110 §15.5.2), and no browser asks for a password because of this one.
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    keep_out_of_shared_caches(headers);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(location) = headers.remove(LOCATION).and_then(|location| mapped(&location, place)) {
        headers.insert(LOCATION, location);
    }
}

/// The API was asked with `Authorization`, so that no shared cache stores its answer unless it says so
/// (RFC 9111 §3.5); the browser asked with a cookie, of which caches know no such rule.
fn keep_out_of_shared_caches(headers: &mut HeaderMap) {
    let lines = headers.get_all(CACHE_CONTROL).iter().map(before_quotes);
    let directives = lines.flat_map(|line| line.split(|byte| *byte == b','));
    let decides = directives.map(|directive| directive.trim_ascii()).any(|directive| {
        let name = directive.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii_end();
        // `private="x"` is about one header.
        let is_whole = name.len() == directive.len();
        let is = |word: &str| name.eq_ignore_ascii_case(word.as_bytes());
        is("public") || is("s-maxage") || is("no-store") || is("private") && is_whole
    });
    if !decides {
        headers.append(CACHE_CONTROL, HeaderValue::from_static("private"));
    }
    if !headers.get_all(VARY).iter().any(|vary| vary.as_bytes().eq_ignore_ascii_case(b"cookie")) {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
}

/// A comma in quotes parts no directives: what comes behind the first quote decides nothing.
fn before_quotes(line: &HeaderValue) -> &[u8] {
    line.as_bytes().split(|byte| *byte == b'"').next().unwrap_or_default()
}

/// Returns where a redirect leads: an address of the API as the browser knows it, another's as it is, and
/// nowhere where the API lives and is not shown.
fn mapped(location: &HeaderValue, place: Place<'_>) -> Option<HeaderValue> {
    let base = Url::parse(&place.target.to_string()).ok()?;
    let led = base.join(location.to_str().ok()?).ok()?;
    if led.host_str() != Some(place.address.host()) {
        return matches!(led.scheme(), "https" | "http").then(|| location.clone());
    }
    let rest = led.path().strip_prefix(place.address.path())?;
    let is_below = rest.is_empty() || rest.starts_with('/');
    if led.origin() != base.origin() || !is_below {
        return None;
    }
    let mut public = format!("{}{rest}", place.public_prefix);
    // Two slashes would begin a host.
    if !public.starts_with('/') || public.starts_with("//") {
        return None;
    }
    for (mark, part) in [('?', led.query()), ('#', led.fragment())] {
        if let Some(part) = part {
            public.push(mark);
            public.push_str(part);
        }
    }
    HeaderValue::try_from(public).ok()
}

/// What a browser or a cache takes for a word of the whole origin, which is the application's.
fn speaks_for_the_origin(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("access-control-") || name.ends_with("-cache-control") || OF_THE_ORIGIN.contains(&name)
}

/// What a web server in front of the application would do because of it: send a file of its own, ask another
/// server, or keep the answer for everybody.
fn commands_the_front(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("x-accel-") && name != "x-accel-buffering" || OF_THE_FRONT.contains(&name)
}

const OF_THE_FRONT: [&str; 6] = [
    "edge-control",
    "x-lighttpd-send-file",
    "x-lighttpd-send-tempfile",
    "x-litespeed-location",
    "x-reproxy-url",
    "x-sendfile",
];

const OF_THE_ORIGIN: [&str; 21] = [
    "accept-ch",
    "activate-storage-access",
    "alt-svc",
    "authentication-info",
    "clear-site-data",
    "critical-ch",
    "dpop-nonce",
    "expect-ct",
    "nel",
    "public-key-pins",
    "report-to",
    "reporting-endpoints",
    "secure-session-registration",
    "service-worker-allowed",
    "set-cookie",
    "set-cookie2",
    "set-login",
    "strict-transport-security",
    "surrogate-control",
    "use-as-dictionary",
    "www-authenticate",
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::outbound::address::Plaintext;

    fn passed(status: u16, headers: &[(&'static str, &str)]) -> HeaderMap {
        let address = Address::parse("https://api.shop.example/v1", "", Plaintext::Refused).unwrap();
        let target = "https://api.shop.example/v1/products/1".parse().unwrap();
        let place = Place { address: &address, target: &target, public_prefix: "/app/api" };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        pass_on(StatusCode::from_u16(status).unwrap(), &mut map, place);
        map
    }

    #[test]
    fn a_redirect_leads_where_the_browser_may_go() {
        let cases = [
            ("https://api.shop.example/v1/a?b#c", Some("/app/api/a?b#c")),
            ("https://api.shop.example:443/v1", Some("/app/api")),
            ("/v1/a", Some("/app/api/a")),
            ("2", Some("/app/api/products/2")),
            ("?page=2", Some("/app/api/products/1?page=2")),
            ("../x", Some("/app/api/x")),
            ("../../x", None),
            ("/admin", None),
            ("/v10/a", None),
            ("http://api.shop.example/v1/a", None),
            ("https://api.shop.example:8443/v1/a", None),
            ("https://login.example/authorize?x", Some("https://login.example/authorize?x")),
            ("//login.example/a", Some("//login.example/a")),
            ("javascript:alert(1)", None),
            ("https://", None),
        ];
        for (location, expected) in cases {
            let headers = passed(302, &[("location", location)]);
            assert_eq!(headers.get("location").map(|value| value.to_str().unwrap()), expected, "{location}");
        }
    }

    #[test]
    fn an_answer_is_kept_out_of_shared_caches_unless_the_api_wants_it_there() {
        type Case<'a> = (&'a [(&'static str, &'a str)], &'a [&'a str]);
        let cases: &[Case<'_>] = &[
            (&[], &["private"]),
            (&[("cache-control", "max-age=60")], &["max-age=60", "private"]),
            (
                &[("cache-control", "max-age=60, must-revalidate")],
                &["max-age=60, must-revalidate", "private"],
            ),
            (&[("cache-control", "private=\"x\"")], &["private=\"x\"", "private"]),
            (&[("cache-control", "publicly")], &["publicly", "private"]),
            (&[("cache-control", "Public, max-age=60")], &["Public, max-age=60"]),
            (
                &[("cache-control", "max-age=1"), ("cache-control", "s-maxage=60")],
                &["max-age=1", "s-maxage=60"],
            ),
            (&[("cache-control", "no-store")], &["no-store"]),
            (
                &[("cache-control", "max-age=60, x=\"a, public, b\"")],
                &["max-age=60, x=\"a, public, b\"", "private"],
            ),
            (&[("cache-control", "private, max-age=60")], &["private, max-age=60"]),
            (&[("cdn-cache-control", "max-age=60"), ("surrogate-control", "max-age=60")], &["private"]),
        ];
        for (headers, expected) in cases {
            let passed = passed(200, headers);
            let lines: Vec<_> = passed.get_all("cache-control").iter().collect();
            assert_eq!(lines, *expected, "{headers:?}");
            assert!(!passed.contains_key("cdn-cache-control") && !passed.contains_key("surrogate-control"));
            assert_eq!(passed["vary"], "Cookie");
        }
    }
}
