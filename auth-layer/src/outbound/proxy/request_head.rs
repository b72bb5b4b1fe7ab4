//! The head of a request as the API gets it.

use http::header::{self, HeaderName, VIA};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Version};

use crate::config::BaseUrl;
use crate::outbound::hop_by_hop::HopByHop;

/// Returns the headers that are passed on, with our own word on where the request came from.
pub(super) fn passed_on(parts: &Parts, base_url: Option<&BaseUrl>, public_prefix: &str) -> HeaderMap {
    let hop_by_hop = HopByHop::of(&parts.headers);
    let mut headers = HeaderMap::with_capacity(parts.headers.len());
    for (name, value) in &parts.headers {
        let is_for_us = |name: &HeaderName| is_ours(name) || hop_by_hop.contains(name);
        if !is_for_us(name) && !as_read(name).is_some_and(|name| is_for_us(&name)) {
            headers.append(name.clone(), value.clone());
        }
    }
    let by = if parts.version == Version::HTTP_2 { "2 auth-layer" } else { "1.1 auth-layer" };
    headers.append(VIA, HeaderValue::from_static(by));
    if let Some(base_url) = base_url {
        forwarded(&mut headers, base_url, public_prefix);
    }
    headers
}

/// Says by what address the application is known: as it was configured, whatever the request says.
fn forwarded(headers: &mut HeaderMap, base_url: &BaseUrl, public_prefix: &str) {
    let origin = base_url.origin();
    let (scheme, host) = origin.split_once("://").unwrap_or(("https", origin));
    let said = [
        (header::FORWARDED, format!("host=\"{host}\";proto={scheme}")),
        (HeaderName::from_static("x-forwarded-host"), host.to_owned()),
        (HeaderName::from_static("x-forwarded-proto"), scheme.to_owned()),
        (HeaderName::from_static("x-forwarded-prefix"), public_prefix.to_owned()),
    ];
    for (name, value) in said {
        match HeaderValue::try_from(value) {
            Ok(value) if !value.is_empty() => {
                headers.insert(name, value);
            }
            _ => {}
        }
    }
}

/// What a client says to us alone, and what only a proxy may say: the API believes it of whoever sends it.
fn is_ours(name: &HeaderName) -> bool {
    let name = name.as_str();
    OURS_BEGIN.iter().any(|start| name.starts_with(start)) || OURS.contains(&name)
}

/// A header as programs behind CGI, WSGI or Rack read it, to whom `_` and `-` are the same.
fn as_read(name: &HeaderName) -> Option<HeaderName> {
    let is_other = name.as_str().contains('_');
    is_other.then(|| HeaderName::from_bytes(name.as_str().replace('_', "-").as_bytes()).ok()).flatten()
}

const OURS_BEGIN: [&str; 4] = ["x-forwarded", "x-envoy-", "x-appengine-", "client-cert"];

const OURS: [&str; 36] = [
    // Credentials for this application.
    "authorization",
    "cookie",
    "dpop",
    // Of the connection; hyper writes what is needed anew.
    "content-length",
    "expect",
    "host",
    "http2-settings",
    // Who is calling and for what, in the words of proxies.
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "client-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "forwarded",
    "forwarded-for",
    "proxy-client-ip",
    "true-client-ip",
    "wl-proxy-client-ip",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-host",
    "x-original-forwarded-for",
    "x-original-host",
    "x-original-method",
    "x-original-url",
    "x-originating-ip",
    "x-real-ip",
    "x-remote-addr",
    "x-remote-ip",
    "x-rewrite-url",
    // Who is logged in, in the words of proxies that see to that.
    "remote-user",
    "x-authenticated-user",
    "x-remote-user",
    "x-ssl-client-cert",
    // Read as the address of a proxy by programs of CGI.
    "proxy",
];
