//! What a refused bearer token comes to: a code for the caller, and in the log the stage, but nothing of the token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};
use tests::{Api, Listener, Reply};

/// Asserts that a token is refused as `invalid_token`, also when it is brought again; that the log says
/// `why`, and that neither the log nor the answer holds anything of the token.
pub(crate) async fn assert_refused(api: &Api, attack: &str, token: &str, why: &str) {
    for _ in 0..2 {
        Listener::start();
        let reply = api.call(token).await;
        let log = Listener::stop();
        assert_invalid(&reply, attack);
        assert!(log.contains("a bearer token was refused"), "{attack}: nobody can tell why: {log}");
        assert!(log.contains(why), "{attack}: not {why:?}, but {}", line_of(&log));
        assert_nothing_of(token, &log, attack);
    }
}

/// Asserts that a token passes: what an attack bends is good before.
pub(crate) async fn assert_passes(api: &Api, name: &str, token: &str) {
    let reply = api.call(token).await;
    assert_eq!(reply.status, StatusCode::OK, "{name}: {reply:?}");
}

/// Asserts that an answer says `invalid_token`, and nothing else.
#[track_caller]
pub(crate) fn assert_invalid(reply: &Reply, attack: &str) {
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{attack}: {reply:?}");
    let challenges: Vec<_> = reply.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, [r#"Bearer realm="https://api.shop.example", error="invalid_token""#], "{attack}");
    let problem = json!({
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "the access token is not good here: get a new one for this API",
        "error": "invalid_token",
    });
    assert_eq!(reply.json(), problem, "{attack}");
    assert!(reply.set_cookies().is_empty(), "{attack}");
}

/// Asserts that a text holds no part of a token, as it is written or as it reads.
#[track_caller]
pub(crate) fn assert_nothing_of(token: &str, text: &str, attack: &str) {
    assert_no_part_of(token, text, attack);
    for segment in token.split('.') {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(segment) else { continue };
        let Ok(Value::Object(members)) = serde_json::from_slice(&bytes) else { continue };
        for name in ["sub", "jti", "kid", "client_id", "azp", "scope", "nonce", "email"] {
            let Some(value) = members.get(name).and_then(Value::as_str) else { continue };
            assert!(value.len() < 6 || !text.contains(value), "{attack}: {name} shows: {value}");
        }
    }
}

/// Asserts that a text holds no part of a token as it is written.
#[track_caller]
pub(crate) fn assert_no_part_of(token: &str, text: &str, attack: &str) {
    for segment in token.split('.') {
        for part in segment.as_bytes().windows(PART).step_by(4).filter_map(|part| str::from_utf8(part).ok()) {
            let line = text.lines().find(|line| line.contains(part));
            assert_eq!(line, None, "{attack}: a part of a token shows: {part}");
        }
    }
}

/// The line of the refusal.
fn line_of(log: &str) -> &str {
    log.lines().find(|line| line.contains("a bearer token was refused")).unwrap_or_default()
}

const PART: usize = 12;
