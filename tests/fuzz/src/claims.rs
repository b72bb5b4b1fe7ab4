//! The claims of an access token, signed by its issuer: read, judged, and shown to a handler.
//!
//! # Invariants
//! 1. What is read is what `serde_json` reads, and a member that comes twice is read by nobody. What is
//!    of the right types is not refused.
//! 2. Whatever is an access token to the letter of RFC 9068 is one to the lenient profile too.
//! 3. A handler is reached for this API, by a trusted issuer, within the token's time, and is told what
//!    the claims say: subject, scopes, and whether a person or a machine calls.
//! 4. A logout token ends a session that it names, and is no access token of any profile.

use std::sync::OnceLock;
use std::time::Duration;

use auth_layer::jose::LogoutTokenExpectations;
use auth_layer::{ClientId, Issuer, fuzzing};
use axum::body::Body;
use http::Request;
use serde_json::Value;

use crate::gate::Gate;
use crate::json::Json;
use crate::keys::{Algorithm, published};
use crate::{API, LENIENT, NOW, NOW_SECONDS, SKEW, STRICT};

/// Takes the text of the claims.
pub fn claims(data: &[u8]) {
    let json = Json::parse(data);
    let read = fuzzing::claims(data);
    match &read {
        Ok(read) => check_read(read, json.as_ref()),
        Err(error) => {
            let good = json.as_ref().is_some_and(|json| data.len() < SMALL && is_well_typed(json));
            assert!(!good, "good claims are refused: {error}");
        }
    }
    let (kind, skew) = (Some("at+jwt"), Duration::from_secs(SKEW));
    for issuer in [LENIENT, STRICT] {
        let judge = |strict| fuzzing::is_access_token(data, kind, [issuer, API], strict, NOW, skew);
        assert!(!judge(true) || judge(false), "the lenient profile is stricter than RFC 9068");
    }
    if read.is_ok_and(|read| read.issuer.is_some_and(|issuer| [LENIENT, STRICT].contains(&issuer.as_str()))) {
        bring(data, json.as_ref());
    }
    // Only those, since to sign takes time.
    if let Some(json) = json.filter(|json| json.get("events").is_some()) {
        log_out(data, &json);
    }
}

fn check_read(read: &fuzzing::Claims, json: Option<&Json>) {
    // A number beyond all measure or half a character, in what is not read: JSON by its grammar alone.
    let Some(json) = json else { return };
    assert!(json.is_object() && !json.repeats(), "a member comes twice, or it is no object: {json:?}");
    assert_eq!(read.issuer.as_deref(), json.text("iss"));
    assert_eq!(read.subject.as_deref(), json.text("sub"));
    assert_eq!(read.jti.as_deref(), json.text("jti"));
    assert_eq!(read.expires.map(auth_layer::Timestamp::unix_seconds), json.seconds("exp"));
    assert_eq!(read.not_before.map(auth_layer::Timestamp::unix_seconds), json.seconds("nbf"));
    assert_eq!(read.issued.map(auth_layer::Timestamp::unix_seconds), json.seconds("iat"));
    let audience: Option<Vec<&str>> =
        read.audience.as_ref().map(|all| all.iter().map(String::as_str).collect());
    assert_eq!(audience, json.texts("aud"));
    assert_eq!(read.client.as_deref(), client(json));
    assert_eq!(read.is_bound, json.get("cnf").is_some());
    let granted = words(json, if json.get("scope").is_some() { "scope" } else { "scp" });
    assert!(read.scopes.iter().all(|scope| granted.contains(&scope.as_str())), "{read:?} of {granted:?}");
}

/// Signs the claims, and goes the whole way with them.
fn bring(data: &[u8], json: Option<&Json>) {
    let token = Algorithm::EdDsa.sign(r#"{"alg":"EdDSA","kid":"ed","typ":"at+jwt"}"#, data);
    let request =
        Request::get("/orders").header("authorization", format!("Bearer {token}")).body(Body::empty());
    let answer = gate().send(request.expect("a token is visible ASCII"));
    let Some(told) = answer.told() else { return answer.check_refusal() };
    let json = json.expect("a handler is shown claims that nobody else can read");
    check_good(json);
    for (name, claim) in [("issuer", "iss"), ("subject", "sub"), ("jti", "jti")] {
        assert_eq!(told[name].as_str(), json.text(claim), "{claim}");
    }
    assert_eq!((told["value"].as_str(), told["audience"].as_str()), (Some(token.as_str()), Some(API)));
    assert_eq!(told["expires"].as_u64(), json.seconds("exp"));
    // Written once more, as the answer was: the last digit of a broken number may change on the way.
    let read = serde_json::from_slice::<Value>(data).expect("it is JSON");
    assert_eq!(told["claims"], serde_json::from_str::<Value>(&read.to_string()).expect("it is JSON"));
    let principal = if is_machine(json) { "Client" } else { "User" };
    assert_eq!(told["principal"], principal, "{json:?}");
    let granted = [words(json, "scope"), words(json, "scp")].concat();
    let scopes: Vec<String> = serde_json::from_value(told["scopes"].clone()).expect("a list of texts");
    assert!(scopes.iter().all(|scope| granted.contains(&scope.as_str())), "{scopes:?} of {granted:?}");
}

/// Signs the claims as those of a logout token.
fn log_out(data: &[u8], json: &Json) {
    let token = Algorithm::EdDsa.sign(r#"{"alg":"EdDSA","kid":"ed","typ":"JWT"}"#, data);
    let (issuer, client_id) = (Issuer::from(LENIENT), ClientId::from(CLIENT));
    let expected = LogoutTokenExpectations::new(&issuer, &client_id, NOW);
    let Ok(logout) = published().verify_logout_token(&token, &expected) else { return };
    assert_eq!(json.text("iss"), Some(LENIENT));
    assert!(json.texts("aud").is_some_and(|all| all.contains(&CLIENT)), "another client");
    assert!(json.get("nonce").is_none() && json.get("at_hash").is_none(), "an id token");
    let event = json.get("events").and_then(|events| events.get(LOGOUT));
    assert!(event.is_some_and(Json::is_object), "no logout: {json:?}");
    assert_eq!(
        (logout.subject().map(|sub| sub.as_str()), logout.sid()),
        (json.text("sub"), json.text("sid"))
    );
    assert!(logout.subject().is_some() || logout.sid().is_some(), "of nobody");
    assert_eq!(
        (Some(logout.jti()), Some(logout.expires_at().unix_seconds())),
        (json.text("jti"), json.seconds("exp"))
    );
    assert!(NOW_SECONDS < logout.expires_at().unix_seconds() + SKEW, "it has ended");
    for kind in [None, Some("jwt"), Some("at+jwt")] {
        let skew = Duration::from_secs(SKEW);
        let is_access_token = fuzzing::is_access_token(data, kind, [LENIENT, API], false, NOW, skew);
        assert!(!is_access_token, "a logout token is an access token: {json:?}");
    }
}

fn check_good(json: &Json) {
    assert!(!json.repeats(), "a member comes twice");
    let issuer = json.text("iss");
    assert!(issuer == Some(LENIENT) || issuer == Some(STRICT), "another issuer");
    assert!(json.texts("aud").is_some_and(|all| all.contains(&API)), "another API");
    assert!(json.seconds("exp").is_some_and(|exp| NOW_SECONDS < exp + SKEW), "it has ended");
    assert!(json.seconds("nbf").is_none_or(|nbf| nbf <= NOW_SECONDS + SKEW), "it has not begun");
    assert!(json.seconds("iat").is_none_or(|iat| iat <= NOW_SECONDS + SKEW), "it is of the future");
    for name in ["at_hash", "c_hash", "events", "cnf"] {
        assert!(json.get(name).is_none(), "{name}: it is no plain access token");
    }
    if issuer == Some(STRICT) {
        for name in ["sub", "client_id", "jti"] {
            assert!(json.text(name).is_some_and(|text| !text.is_empty()), "{name} is missing");
        }
    }
}

/// Whether every claim that is known is of its type, at any depth a text and a list of such.
fn is_well_typed(json: &Json) -> bool {
    let absent_or = |name: &str, good: &dyn Fn(&Json) -> bool| json.get(name).is_none_or(good);
    let text = |value: &Json| matches!(value, Json::Text(_));
    let time = |value: &Json| matches!(value, Json::Number(seconds) if (0.0..1e11).contains(seconds));
    let confirmation = |value: &Json| value.is_object() && value.get("jkt").is_none_or(text);
    json.is_object()
        && !json.repeats_within()
        && ["iss", "sub", "client_id", "azp", "jti", "org_id", "typ"]
            .iter()
            .all(|name| absent_or(name, &text))
        && ["exp", "nbf", "iat"].iter().all(|name| absent_or(name, &time))
        && ["aud", "scope", "scp", "permissions", "gty"]
            .iter()
            .all(|name| json.get(name).is_none() || json.texts(name).is_some())
        && absent_or("cnf", &confirmation)
}

fn client(json: &Json) -> Option<&str> {
    ["client_id", "azp", "cid", "appid"].iter().find_map(|name| json.text(name))
}

/// Whether no person is behind it; see [`AccessToken::principal`](auth_layer::AccessToken::principal).
fn is_machine(json: &Json) -> bool {
    let Some(subject) = json.text("sub") else { return true };
    let grants = json.texts("gty").unwrap_or_default();
    let by_grant = grants.iter().any(|grant| grant.replace('_', "-") == "client-credentials");
    let client = client(json);
    let by_name =
        client.is_some_and(|client| client == subject || Some(client) == subject.strip_suffix("@clients"));
    let account = json.text("preferred_username").and_then(|name| name.strip_prefix("service-account-"));
    let by_account = match json.text("idtyp") {
        Some(kind) => kind == "app",
        None if json.get("tid").is_some() && json.text("oid") == Some(subject) => true,
        None => account.zip(client).is_some_and(|(account, client)| account.eq_ignore_ascii_case(client)),
    };
    by_grant || by_name || by_account
}

fn words<'j>(json: &'j Json, name: &str) -> Vec<&'j str> {
    match json.get(name) {
        Some(Json::Text(text)) => text.split(' ').collect(),
        Some(Json::List(_)) => json.texts(name).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn gate() -> &'static Gate {
    static GATE: OnceLock<Gate> = OnceLock::new();
    // The smallest cache that there is, so that it is full all the time.
    GATE.get_or_init(|| Gate::of_an_api(|issuers| issuers, 1024 * 1024))
}

const CLIENT: &str = "shop";
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Too short to reach a limit of members or elements.
const SMALL: usize = 1_024;
