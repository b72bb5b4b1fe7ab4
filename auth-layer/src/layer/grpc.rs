//! Calls of gRPC and gRPC-Web: a refusal is a status in the headers of an answer without a body ("Trailers-Only").
//!
//! # Rules
//! 1. A call is a POST of the content type `application/grpc`, `application/grpc-web` or
//!    `application/grpc-web-text`, whatever its format (`+proto`, `+json`).
//! 2. A service that refuses a call in HTTP's words is corrected: the status is 200, `grpc-status` and
//!    `grpc-message` are headers, and there is no body. What else the service put into the headers stays.
//! 3. gRPC-Web allows the same ("no change to the gRPC protocol spec", PROTOCOL-WEB.md); an empty body is
//!    the same in binary and in text, so that only the content type has to be the caller's.
//! 4. The answer of a service that speaks gRPC itself stays as it is. Where its status was made from a
//!    [`Rejection`], that is put among the response's extensions.

use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

#[cfg(feature = "tonic")]
use crate::gate::Context;
use crate::gate::{Rejection, RejectionKind};
use crate::layer::body::ResponseBody;

/// Where a call went, since tonic's requests have no address.
#[cfg(feature = "tonic")]
#[derive(Clone, Debug)]
pub(crate) struct GrpcAddress(pub(crate) http::Uri);

/// Notes the address where something is judged by it: a proof of possession names its path, and a
/// browser's `Origin` is compared with its authority.
#[cfg(feature = "tonic")]
pub(super) fn note_address<B>(context: &Context, request: &mut Request<B>) {
    if context.takes_proofs() || context.session().is_some() {
        let address = GrpcAddress(request.uri().clone());
        request.extensions_mut().insert(address);
    }
}

/// The protocol of a call, as its content type names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// gRPC over HTTP/2.
    Grpc,
    /// gRPC-Web, its messages as they are.
    Web,
    /// gRPC-Web, its messages in base64.
    WebText,
}

impl Call {
    /// The protocol of a request, where it is a call.
    pub(super) fn of<B>(request: &Request<B>) -> Option<Self> {
        if request.method() != Method::POST {
            return None;
        }
        let kind = strip(request.headers().get(CONTENT_TYPE)?.as_bytes(), b"application/grpc")?;
        let (call, format) = match strip(kind, b"-web-text").map(|format| (Self::WebText, format)) {
            Some(text) => text,
            None => strip(kind, b"-web").map_or((Self::Grpc, kind), |format| (Self::Web, format)),
        };
        matches!(format.first(), None | Some(b'+' | b';' | b' ' | b'\t')).then_some(call)
    }

    /// The content type of an answer that has no message in it.
    const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Grpc => "application/grpc",
            Self::Web => "application/grpc-web+proto",
            Self::WebText => "application/grpc-web-text+proto",
        })
    }
}

/// The response to a call: a refusal in HTTP's words becomes one in gRPC's.
pub(super) fn answered<B>(call: Call, mut response: Response<B>) -> Response<ResponseBody<B>> {
    if response.headers().contains_key(STATUS) {
        note_rejection(&mut response);
        return response.map(ResponseBody::inner);
    }
    let Some(rejection) = response.extensions().get::<Rejection>().cloned() else {
        return response.map(ResponseBody::inner);
    };
    let mut response = response.map(|_| ResponseBody::own(""));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    // They were the body's.
    for name in [CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers.insert(CONTENT_TYPE, call.content_type());
    headers.insert(STATUS, HeaderValue::from(rejection.grpc_code()));
    if let Ok(message) =
        HeaderValue::try_from(utf8_percent_encode(&rejection.to_string(), UNPRINTED).to_string())
    {
        headers.insert(MESSAGE, message);
    }
    let metadata = rejection.grpc_metadata();
    for name in metadata.keys() {
        headers.remove(name);
    }
    headers.extend(metadata);
    response
}

/// Tonic leaves the status of a refused call among the extensions of its answer, and the [`Rejection`]
/// that it was made from is its source.
#[cfg(feature = "tonic")]
fn note_rejection<B>(response: &mut Response<B>) {
    use std::error::Error as _;
    let status = response.extensions().get::<tonic::Status>();
    let rejection = status.and_then(|status| status.source()?.downcast_ref::<Rejection>()).cloned();
    if let Some(rejection) = rejection {
        response.extensions_mut().insert(rejection);
    }
}

#[cfg(not(feature = "tonic"))]
const fn note_rejection<B>(_: &mut Response<B>) {}

impl Rejection {
    /// The status code of gRPC (google.rpc.Code) that says the same.
    pub(crate) const fn grpc_code(&self) -> i32 {
        match self.kind() {
            RejectionKind::Unauthenticated
            | RejectionKind::InvalidRequest
            | RejectionKind::InvalidToken
            | RejectionKind::InvalidDpopProof
            | RejectionKind::UseDpopNonce
            | RejectionKind::NoSession
            | RejectionKind::InsufficientUserAuthentication => UNAUTHENTICATED,
            RejectionKind::InsufficientScope
            | RejectionKind::InsufficientPermissions
            | RejectionKind::InsufficientRoles
            | RejectionKind::OrganizationRefused
            | RejectionKind::NoUser
            | RejectionKind::NoClient
            | RejectionKind::CrossSite
            | RejectionKind::AudienceRefused
            | RejectionKind::NoRefreshToken => PERMISSION_DENIED,
            RejectionKind::ProviderUnavailable | RejectionKind::StoreUnavailable => UNAVAILABLE,
            RejectionKind::LayerMissing => INTERNAL,
        }
    }

    /// What goes into the metadata: the challenge, and when to try again.
    pub(crate) fn grpc_metadata(&self) -> HeaderMap {
        let mut headers = self.clone().respond(|_| ()).into_parts().0.headers;
        let mut metadata = HeaderMap::new();
        for name in [WWW_AUTHENTICATE, DPOP_NONCE, RETRY_AFTER] {
            if let http::header::Entry::Occupied(entry) = headers.entry(&name) {
                for value in entry.remove_entry_mult().1 {
                    metadata.append(&name, value);
                }
            }
        }
        if let Some(wait) = self.waits() {
            // What clients of gRPC obey: a signed 32-bit integer, anything else forbids to try again (gRFC A6).
            let millis = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
            metadata.insert(PUSHBACK, HeaderValue::from(millis));
        }
        metadata
    }
}

/// What follows a prefix; media types are case-insensitive (RFC 9110 §8.3.1).
fn strip<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const PUSHBACK: HeaderName = HeaderName::from_static("grpc-retry-pushback-ms");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// A message is visible ASCII without the percent sign, all else is percent-encoded (PROTOCOL-HTTP2.md).
const UNPRINTED: &AsciiSet = &CONTROLS.add(b'%');
const PERMISSION_DENIED: i32 = 7;
const INTERNAL: i32 = 13;
const UNAVAILABLE: i32 = 14;
const UNAUTHENTICATED: i32 = 16;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_call_is_told_from_a_request() {
        let cases = [
            ("POST", "application/grpc", Some(Call::Grpc)),
            ("POST", "application/grpc+proto", Some(Call::Grpc)),
            ("POST", "Application/GRPC;charset=utf-8", Some(Call::Grpc)),
            ("POST", "application/grpc-web", Some(Call::Web)),
            ("POST", "application/grpc-web+proto", Some(Call::Web)),
            ("POST", "application/grpc-web-text", Some(Call::WebText)),
            ("POST", "application/grpc-web-text+proto", Some(Call::WebText)),
            ("POST", "application/grpc-website", None),
            ("POST", "application/grpc-status", None),
            ("POST", "application/grpcs", None),
            ("POST", "application/json", None),
            ("POST", "", None),
            ("GET", "application/grpc", None),
        ];
        for (method, kind, expected) in cases {
            let request = Request::builder().method(method).uri("/p.S/M").header(CONTENT_TYPE, kind);
            assert_eq!(Call::of(&request.body(()).unwrap()), expected, "{method} {kind:?}");
        }
        assert_eq!(Call::of(&Request::post("/p.S/M").body(()).unwrap()), None);
    }

    #[test]
    fn a_refusal_in_the_words_of_http_becomes_one_of_grpc_and_keeps_what_else_was_said() {
        let mut refused =
            Rejection::unavailable(Some(Duration::from_millis(1_500))).respond(|problem| problem);
        let headers = refused.headers_mut();
        headers.insert("access-control-allow-origin", HeaderValue::from_static("https://app.example"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("99"));
        // As an application may, whose pages say it differently.
        headers.remove(RETRY_AFTER);
        let answer = answered(Call::WebText, refused);
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(answer.extensions().get::<Rejection>().is_some());
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("content-type"), Some("application/grpc-web-text+proto"));
        assert_eq!(header("grpc-status"), Some("14"));
        assert_eq!(header("grpc-message"), Some("the OpenID provider gives no answer: try again later"));
        assert_eq!(header("retry-after"), Some("2"));
        assert_eq!(header("grpc-retry-pushback-ms"), Some("1500"));
        assert_eq!(header("access-control-allow-origin"), Some("https://app.example"));
        assert_eq!(header("content-length"), None);
    }

    #[test]
    fn what_a_service_of_grpc_says_itself_stays() {
        let mut own = Rejection::new(RejectionKind::CrossSite).respond(|_| "own");
        own.headers_mut().insert(STATUS, HeaderValue::from_static("5"));
        let answer = answered(Call::Grpc, own);
        assert_eq!(
            (answer.status(), &answer.headers()[STATUS]),
            (StatusCode::FORBIDDEN, &"5".parse().unwrap())
        );
        let answer = answered(Call::Grpc, Response::new("ok"));
        assert!(answer.headers().is_empty());
    }

    #[test]
    fn a_wait_is_a_32_bit_integer_since_anything_else_would_forbid_another_try() {
        let metadata = Rejection::unavailable(Some(Duration::MAX)).grpc_metadata();
        assert_eq!(metadata[PUSHBACK], i32::MAX.to_string());
    }
}
