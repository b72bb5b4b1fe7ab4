//! Answers: JSON, a page, a redirect.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, PRAGMA, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use serde_json::Value;

use super::state::Answer;

/// Returns a JSON answer that no cache keeps (RFC 6749 §5.1).
pub(super) fn json(status: StatusCode, value: &Value) -> Answer {
    let mut answer = body(status, "application/json", value.to_string());
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

/// Returns a JSON document that caches may keep for five minutes.
pub(super) fn document(value: &Value) -> Answer {
    let mut answer = body(StatusCode::OK, "application/json", value.to_string());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    answer
}

/// Returns an HTML page.
pub(super) fn page(status: StatusCode, html: String) -> Answer {
    let mut answer = body(status, "text/html; charset=utf-8", html);
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Deliberately without `form-action`: browsers apply it to the redirect after the form too,
    // and that one leads to the client.
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ),
    );
    answer
}

/// Returns a redirect which the browser follows with GET: 303, so that a posted password is never
/// posted on (RFC 9700 §4.12).
pub(super) fn redirect(location: &str) -> Answer {
    let mut answer = body(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", String::new());
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(LOCATION, location);
    }
    answer
}

/// Returns a short text that says the status.
pub(super) fn status(status: StatusCode) -> Answer {
    body(status, "text/plain; charset=utf-8", status.to_string())
}

/// Returns any body.
pub(super) fn body(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    answer
}
