//! The headers of a request: which credentials they hold, and what the whole gate makes of them.
//!
//! # Invariants
//! 1. What is read is a token of 16 KiB at most, without a space, a tab or a comma, and stands at the end
//!    of the one `Authorization` header; two such headers are never read.
//! 2. A handler is reached with a token that was signed, byte for byte, and with no other; with a bound
//!    one only beside a proof that was signed too.
//! 3. All else is answered 400, 401 or 503, with the headers that go with it, and holds nothing of the
//!    token. A call of gRPC is told the same in its own words.

use std::sync::OnceLock;

use auth_layer::fuzzing;
use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

use crate::answers::NOBODY;
use crate::gate::{Answer, Gate};
use crate::signed::{is_signed, is_twin};

/// Takes lines of `name: value`.
pub fn header(data: &[u8]) {
    let headers = headers(data);
    let found = fuzzing::credentials(&headers);
    check_credentials(&headers, &found.map(|found| found.map(|(_, token)| token)));
    // With a format behind it too; what only begins like it is another type.
    let is_grpc = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/grpc");
    // Only the opaque ones are asked about, and each of these costs a connection that is refused.
    let gate = if headers.contains_key("x-introspect") { asking() } else { plain() };
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers.clone();
    *request.uri_mut() = Uri::from_static("/orders");
    if is_grpc {
        *request.method_mut() = Method::POST;
    }
    let found = found.ok().flatten();
    let answer = gate.send(request);
    check_answer(&answer, found, &headers, is_grpc);
    if let Some((is_dpop, token)) =
        found.filter(|(_, token)| answer.told().is_none() && holds(&answer, token))
    {
        // A token may be made of the words of a refusal: then they stand in that of any other token, too.
        let mut other = Request::new(Body::empty());
        let value = if is_dpop { "DPoP another" } else { "Bearer another" };
        other.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static(value));
        *other.uri_mut() = Uri::from_static("/orders");
        assert!(holds(&gate.send(other), token), "a refusal holds the token: {answer:?}");
    }
}

fn holds(answer: &Answer, token: &[u8]) -> bool {
    let holds = |text: &[u8]| text.windows(token.len()).any(|window| window == token);
    token.len() >= TELLING
        && (holds(&answer.body) || answer.headers.values().any(|value| holds(value.as_bytes())))
}

fn headers(data: &[u8]) -> HeaderMap {
    let lines = data.split(|byte| *byte == b'\n').take(MAX_LINES);
    let header = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        Some((name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(header) {
        headers.append(name, value);
    }
    headers
}

fn check_credentials(headers: &HeaderMap, found: &Result<Option<&[u8]>, fuzzing::Kind>) {
    let is_ours = |value: &&HeaderValue| {
        // A scheme goes on for as long as its letters do (RFC 9110 §11.1).
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        let scheme = value.as_bytes().split(|byte| !is_letter(byte)).next().unwrap_or_default();
        [&b"bearer"[..], b"dpop"].iter().any(|ours| scheme.eq_ignore_ascii_case(ours))
    };
    let all: Vec<&HeaderValue> = headers.get_all(AUTHORIZATION).iter().collect();
    let ours = all.iter().filter(|value| is_ours(value)).count();
    match found {
        Ok(None) => assert_eq!(ours, 0, "credentials are overlooked: {headers:?}"),
        Err(kind) => {
            let is_large = all.iter().any(|value| value.len() > 16 * 1024);
            assert!(*kind == fuzzing::Kind::Malformed || is_large, "{kind:?}");
            assert!(ours > 0, "another scheme is refused: {headers:?}");
        }
        Ok(Some(token)) => {
            assert_eq!((all.len(), ours), (1, 1), "one of several is read: {headers:?}");
            let is_one = !token.is_empty() && !token.iter().any(|byte| b" \t,".contains(byte));
            assert!(is_one, "{token:?}");
            let value = all[0].as_bytes();
            let before = value.strip_suffix(*token).expect("the token ends the header");
            assert!(before.ends_with(b" ") || before.ends_with(b"\t"), "{headers:?}");
            assert!(token.len() <= 16 * 1024, "{} bytes", token.len());
        }
    }
}

fn check_answer(answer: &Answer, found: Option<(bool, &[u8])>, headers: &HeaderMap, is_grpc: bool) {
    if let Some(told) = answer.told() {
        let (is_dpop, token) = found.expect("a handler is reached with a token");
        let is_original = |prefix: &str, token: &[u8]| {
            is_signed(prefix, token) || str::from_utf8(token).is_ok_and(|token| is_twin(prefix, token))
        };
        assert!(is_original(if is_dpop { "bound" } else { "good" }, token), "a forgery is taken: {told}");
        let proofs: Vec<&HeaderValue> = headers.get_all("dpop").iter().collect();
        let is_proven = || proofs.len() == 1 && is_original("proof.good", proofs[0].as_bytes());
        assert!(!is_dpop || is_proven(), "a bound token is taken without a proof: {told}");
        return;
    }
    if is_grpc || answer.headers.contains_key("grpc-status") {
        let status = answer.headers.get("grpc-status").and_then(|status| status.to_str().ok());
        assert!(matches!(status, Some("16" | "14")), "neither unauthenticated nor unavailable: {answer:?}");
    } else {
        answer.check_refusal();
    }
}

/// Opaque tokens are refused.
fn plain() -> &'static Gate {
    static GATE: OnceLock<Gate> = OnceLock::new();
    GATE.get_or_init(|| Gate::of_an_api(|issuers| issuers, 1024 * 1024))
}

/// Opaque tokens are asked about at an issuer that is away.
fn asking() -> &'static Gate {
    static GATE: OnceLock<Gate> = OnceLock::new();
    GATE.get_or_init(|| {
        let endpoint = format!("{NOBODY}/introspect");
        let ask = |[lenient, strict]: [auth_layer::config::TrustedIssuer; 2]| {
            let lenient =
                lenient.with_introspection("api", "not-a-secret").with_introspection_endpoint(&endpoint);
            [lenient, strict]
        };
        Gate::of_an_api(ask, 0)
    })
}

const MAX_LINES: usize = 16;
/// A shorter text may be a word of the refusal itself.
const TELLING: usize = 16;
