//! Proof that a state-changing request comes from this origin: tower-http's CSRF policy.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll, Waker};

use http::header::{HOST, ORIGIN, UPGRADE};
use http::{HeaderMap, Method, Request, Response, Uri};
use tower_http::csrf::{Csrf, CsrfLayer, ProtectionError};
use tower_layer::Layer;
use tower_service::Service;

/// Whether a request may change state on the strength of a cookie.
///
/// The decision is tower-http's (`Sec-Fetch-Site`, then `Origin` against `Host`); it is asked about
/// the head of the request only, so that public routes and webhooks are left alone.
pub(crate) fn is_same_origin(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    let is_upgrade = headers.contains_key(UPGRADE);
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) && !is_upgrade {
        return true;
    }
    let mut head = Request::new(());
    // A socket is opened by a GET, says anything after that, and no other origin is kept from reading it.
    *head.method_mut() = if is_upgrade { Method::POST } else { method.clone() };
    *head.uri_mut() = uri.clone();
    for name in ["sec-fetch-site", ORIGIN.as_str(), HOST.as_str()] {
        for value in headers.get_all(name) {
            head.headers_mut().append(http::HeaderName::from_static(name), value.clone());
        }
    }
    let mut policy: Csrf<Pass> = CsrfLayer::new().layer(Pass);
    let mut verdict = std::pin::pin!(policy.call(head));
    match verdict.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => response.extensions().get::<ProtectionError>().is_none(),
        // The policy waits for nothing; if it ever did, a request that was not judged is refused.
        Poll::Ready(Err(_)) | Poll::Pending => false,
    }
}

/// The service behind the policy: reached only by what the policy lets through.
#[derive(Clone, Debug)]
struct Pass;

impl Service<Request<()>> for Pass {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::default()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    type Case<'a> = (&'a str, Method, &'a [(&'a str, &'a str)], bool);

    #[test]
    fn only_this_origin_changes_state() {
        let cases: &[Case<'_>] = &[
            ("a read", Method::GET, &[("sec-fetch-site", "cross-site")], true),
            ("own page", Method::POST, &[("sec-fetch-site", "same-origin")], true),
            ("other site", Method::POST, &[("sec-fetch-site", "cross-site")], false),
            ("sibling domain", Method::DELETE, &[("sec-fetch-site", "same-site")], false),
            (
                "old browser, own page",
                Method::POST,
                &[("origin", "https://a.example"), ("host", "a.example")],
                true,
            ),
            (
                "old browser, other site",
                Method::POST,
                &[("origin", "https://e.example"), ("host", "a.example")],
                false,
            ),
            ("null origin", Method::POST, &[("origin", "null"), ("host", "a.example")], false),
            ("no browser", Method::POST, &[("host", "a.example")], true),
        ];
        for (name, method, headers, expected) in cases {
            let mut map = HeaderMap::new();
            for (name, value) in *headers {
                map.insert(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
            }
            assert_eq!(is_same_origin(method, &Uri::from_static("/x"), &map), *expected, "{name}");
        }
    }
}
