//! Response headers that hold a page together.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// What pages of the shop may load, and where their forms may lead.
#[derive(Clone)]
pub(crate) struct Policy(HeaderValue);

impl Policy {
    pub(crate) fn new(issuer: &str) -> Self {
        // The logout form leads to the provider by a redirect, which `form-action` covers as well.
        let origin = origin(issuer);
        let policy = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
             form-action 'self' {origin}; base-uri 'none'; frame-ancestors 'none'"
        );
        let strictest = HeaderValue::from_static("default-src 'none'");
        Self(HeaderValue::try_from(policy).unwrap_or(strictest))
    }
}

/// `https://tenant.example/path` is `https://tenant.example`, and so is `tenant.example`.
fn origin(issuer: &str) -> String {
    let (scheme, rest) = issuer.split_once("://").unwrap_or(("https", issuer));
    let host = rest.split(['/', ';', ' ']).next().unwrap_or_default();
    format!("{scheme}://{host}")
}

pub(crate) async fn protect(State(policy): State<Policy>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy.0);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Not `no-referrer`: a form would then be posted with `Origin: null`, which proves nothing.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

pub(crate) async fn forbid_storing(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store, private"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_may_lead_to_the_providers_origin() {
        for issuer in ["https://op.example", "https://op.example/tenant/", "op.example", "op.example/; x"] {
            assert_eq!(origin(issuer), "https://op.example", "{issuer}");
        }
        assert_eq!(origin("http://127.0.0.1:4000"), "http://127.0.0.1:4000");
    }
}
