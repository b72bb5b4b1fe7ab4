//! A person who opens a page, or a program that calls: pure readings of a request's headers.

use http::header::ACCEPT;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};

/// Whether a browser is opening a page, so that a redirect to login leads somewhere.
///
/// `Sec-Fetch-Mode` decides where it is sent (every current browser); otherwise `Accept: text/html`
/// in a GET. A call by `fetch` gets its 401, never a redirect that would end in an opaque answer.
pub(crate) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    if method != Method::GET || is_prefetch(headers) {
        return false;
    }
    match headers.get("sec-fetch-mode") {
        Some(mode) => {
            let framed = headers.get("sec-fetch-dest").is_some_and(|dest| dest != "document");
            mode == "navigate" && !framed
        }
        None => headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(accepts_html),
    }
}

/// The address as the client sent it, before a router took a part of its path away.
pub(crate) fn sent_to(parts: &Parts) -> &Uri {
    #[cfg(feature = "axum")]
    if let Some(original) = parts.extensions.get::<axum::extract::OriginalUri>() {
        return &original.0;
    }
    &parts.uri
}

/// Whether the browser only looks ahead: no login is begun for that.
pub(crate) fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("prerender"))
    })
}

fn accepts_html(accept: &str) -> bool {
    accept
        .split(',')
        .any(|range| range.trim().split(';').next().is_some_and(|kind| kind.trim() == "text/html"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    type Case<'a> = (&'a str, Method, &'a [(&'a str, &'a str)], bool);

    #[test]
    fn a_page_is_told_from_a_call() {
        let cases: &[Case<'_>] = &[
            (
                "browser opens a page",
                Method::GET,
                &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
                true,
            ),
            ("fetch", Method::GET, &[("sec-fetch-mode", "cors"), ("accept", "text/html")], false),
            ("frame", Method::GET, &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], false),
            ("old browser", Method::GET, &[("accept", "text/html,application/xhtml+xml;q=0.9")], true),
            ("curl", Method::GET, &[("accept", "*/*")], false),
            ("form post", Method::POST, &[("sec-fetch-mode", "navigate")], false),
            ("prefetch", Method::GET, &[("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch")], false),
            ("nothing", Method::GET, &[], false),
        ];
        for (name, method, headers, expected) in cases {
            let mut map = HeaderMap::new();
            for (name, value) in *headers {
                map.insert(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
            }
            assert_eq!(is_navigation(method, &map), *expected, "{name}");
        }
    }
}
