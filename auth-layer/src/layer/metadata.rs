//! The metadata of the protected resource (RFC 9728 §3), served to whoever asks.

use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use crate::resource_server::ResourceServer;

/// The answer where the request asks for the metadata; none where it is for the inner service.
pub(super) fn answer<B>(server: &ResourceServer, request: &Request<B>) -> Option<Response<String>> {
    let document = server.metadata_at(request.uri().path())?;
    let mut response = Response::new(String::new());
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return Some(response);
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    // It holds nothing that a stranger may not read, and clients in browsers have to read it.
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if request.method() == Method::GET {
        document.clone_into(response.body_mut());
    }
    Some(response)
}
