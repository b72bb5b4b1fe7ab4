//! The `Cookie` header of a request: the session that it brings, and what is made of one that was bent.
//!
//! # Invariants
//! 1. A sealed value that is cut into cookies comes back whole.
//! 2. A visitor is somebody with the cookies that were sealed for this session, and nobody with any other;
//!    that is never an error, and the answer deletes what does not open.

use std::sync::OnceLock;

use auth_layer::testing::{TestSession, session_cookie as sealed_cookie};
use auth_layer::{Auth, AuthConfig, Clock, User, fuzzing};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};

use crate::NOW;
use crate::answers::origin;
use crate::gate::Gate;

/// Takes the value of a `Cookie` header; `SESSION` in it is the sealed value of a session.
pub fn session_cookie(data: &[u8]) {
    cut_and_join(data);
    let (gate, session) = gate();
    let text = data.split(|byte| *byte == b'\n').map(|line| with_session(line, session));
    let mut headers = HeaderMap::new();
    for value in text.filter_map(|value| HeaderValue::from_bytes(&value).ok()).take(4) {
        headers.append(COOKIE, value);
    }
    let read = fuzzing::sealed_session(&headers);
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers.clone();
    let answer = gate.send(request);
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let is_somebody = answer.body == "ada";
    assert!(is_somebody || answer.body == "nobody", "{answer:?}");
    let is_sealed = matches!(&read, Ok(Some(sealed)) if *sealed == session.sealed);
    assert_eq!(is_somebody, is_sealed, "a forged session is taken, or a good one is not: {headers:?}");
    let deleted =
        answer.headers.get_all(SET_COOKIE).iter().all(|line| line.as_bytes().starts_with(NAME.as_bytes()));
    assert!(deleted, "{answer:?}");
    let must_delete = matches!(read, Err(()) | Ok(Some(_))) && !is_sealed;
    assert!(!must_delete || answer.headers.contains_key(SET_COOKIE), "it is kept: {answer:?}");
}

fn cut_and_join(sealed: &[u8]) {
    // A seal has a head and a tag: none is empty.
    let Some(lines) = fuzzing::session_cookies(sealed).filter(|_| !sealed.is_empty()) else { return };
    let pair = |line: &HeaderValue| line.as_bytes().split(|byte| *byte == b';').next().map(<[u8]>::to_vec);
    let pairs: Vec<Vec<u8>> = lines.iter().filter_map(pair).collect();
    assert!(lines.iter().all(|line| line.len() <= 4_093), "a browser drops a cookie of 4,096 bytes");
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, HeaderValue::from_bytes(&pairs.join(&b"; "[..])).expect("it was a header"));
    assert_eq!(fuzzing::sealed_session(&headers), Ok(Some(sealed.to_vec())));
}

/// A line in which `SESSION` stands for the sealed value.
fn with_session(line: &[u8], session: &Session) -> Vec<u8> {
    match line.windows(WORD.len()).position(|window| window == WORD) {
        Some(at) => [&line[..at], session.value.as_bytes(), &line[at + WORD.len()..]].concat(),
        None => line.to_vec(),
    }
}

struct Session {
    value: String,
    sealed: Vec<u8>,
}

fn gate() -> &'static (Gate, Session) {
    static GATE: OnceLock<(Gate, Session)> = OnceLock::new();
    GATE.get_or_init(|| {
        async fn who(user: Option<User>) -> String {
            user.map_or_else(|| "nobody".to_owned(), |user| user.subject().to_string())
        }
        let config = AuthConfig::builder(origin(), "shop", "https://shop.example")
            .add_session_key("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
            .with_clock(Clock::manual(NOW))
            .build()
            .expect("the configuration is sound");
        let mut cookie = HeaderValue::from_static("");
        let gate = Gate::around(Router::new().route("/", get(who)), async || {
            let auth = Auth::discover(config).await.expect("the configuration is sound");
            cookie = sealed_cookie(&auth, TestSession::new("ada")).await.expect("it fits");
            auth
        });
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie.clone());
        let sealed = fuzzing::sealed_session(&headers).ok().flatten().expect("it is under its name");
        let value = cookie.to_str().ok().and_then(|cookie| cookie.split_once('=')).expect("it is one pair").1;
        (gate, Session { value: value.to_owned(), sealed })
    })
}

const NAME: &str = "__Host-auth_session";
const WORD: &[u8] = b"SESSION";
