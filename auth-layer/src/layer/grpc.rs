//! Calls of gRPC: a refusal is a status in the headers of an answer without a body (gRPC over HTTP/2, "Trailers-Only").

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::gate::{Rejection, RejectionKind};

/// Where a call went, for services that see no address: a proof of possession names it.
#[derive(Clone, Debug)]
pub(crate) struct GrpcAddress(pub(crate) Uri);

/// Whether a request is a call of gRPC (or of gRPC-Web, whose framing says the rest).
pub(super) fn is_call<B>(request: &Request<B>) -> bool {
    request.method() == Method::POST
        && request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

/// The answer to a refused call, where the response says so in HTTP's words.
pub(super) fn refusal<B>(response: &Response<B>) -> Option<Response<&'static str>> {
    if response.headers().contains_key(STATUS) {
        return None;
    }
    let rejection = response.extensions().get::<Rejection>()?;
    let mut answer = Response::new("");
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(STATUS, HeaderValue::from(rejection.grpc_code()));
    let message = utf8_percent_encode(&rejection.to_string(), UNPRINTED).to_string();
    if let Ok(message) = HeaderValue::try_from(message) {
        headers.insert("grpc-message", message);
    }
    for (name, value) in rejection.grpc_metadata() {
        headers.append(name, value);
    }
    answer.extensions_mut().insert(rejection.clone());
    Some(answer)
}

impl Rejection {
    /// The status code of gRPC (google.rpc.Code) that says the same.
    pub(crate) const fn grpc_code(&self) -> i32 {
        match self.kind() {
            RejectionKind::Unauthenticated
            | RejectionKind::InvalidRequest
            | RejectionKind::InvalidToken
            | RejectionKind::InvalidDpopProof
            | RejectionKind::UseDpopNonce => UNAUTHENTICATED,
            RejectionKind::InsufficientScope
            | RejectionKind::NoUser
            | RejectionKind::CrossSite
            | RejectionKind::AudienceRefused
            | RejectionKind::NoRefreshToken => PERMISSION_DENIED,
            RejectionKind::ProviderUnavailable | RejectionKind::StoreUnavailable => UNAVAILABLE,
            RejectionKind::LayerMissing => INTERNAL,
        }
    }

    /// What goes into the metadata: the challenge, and when to try again.
    pub(crate) fn grpc_metadata(&self) -> Vec<(HeaderName, HeaderValue)> {
        let response = self.clone().respond(|_| ());
        let kept = response.headers().iter().filter(|(name, _)| METADATA.contains(&name.as_str()));
        let mut metadata: Vec<_> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        if let Some(wait) = self.waits() {
            // What clients of gRPC obey (gRFC A6).
            let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            metadata.push((HeaderName::from_static("grpc-retry-pushback-ms"), HeaderValue::from(millis)));
        }
        metadata
    }
}

const STATUS: &str = "grpc-status";
const METADATA: [&str; 3] = ["www-authenticate", "dpop-nonce", "retry-after"];
/// A message is visible ASCII without the percent sign, all else is percent-encoded.
const UNPRINTED: &AsciiSet = &CONTROLS.add(b'%');
const PERMISSION_DENIED: i32 = 7;
const INTERNAL: i32 = 13;
const UNAVAILABLE: i32 = 14;
const UNAUTHENTICATED: i32 = 16;
