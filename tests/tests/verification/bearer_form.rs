//! Access tokens of a hostile size or form: refused before anything of them costs (RFC 8725 §3.7).

use std::time::{Duration, Instant};

use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::json;
use tests::{Api, Listener};
use tower::ServiceExt as _;

use crate::support::{OWN_HEADER, api_with_own_key, assert_passes, assert_refused, encoded, good_claims};

const NO_JWT: &str = "fails at its Format: it is no signed JWT";
/// What is not optimised is ten times as slow.
const LONGEST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 10 } else { 1 });
const TOO_LARGE: &str = "fails at its Format: it is larger than 16 KiB";

/// Tokens that cost others dearly.
fn hostile() -> Vec<(&'static str, String, &'static str)> {
    let of = |header: serde_json::Value, rest: &str| format!("{}.{rest}", encoded(header.to_string()));
    let zeros = "A".repeat(250_000);
    vec![
        ("a million dots", ".".repeat(1_000_000), TOO_LARGE),
        ("dots after a header", of(json!({ "alg": "RS256" }), &".".repeat(999_000)), TOO_LARGE),
        ("dots within the limit", ".".repeat(16_000), NO_JWT),
        (
            "a quarter of a megabyte, encrypted",
            of(json!({ "alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF" }), &format!("AA.AA.{zeros}.AA")),
            TOO_LARGE,
        ),
        ("compressed", of(json!({ "alg": "dir", "enc": "A256GCM", "zip": "DEF" }), "AA.AA.AA.AA"), NO_JWT),
        (
            "compressed and signed",
            of(json!({ "alg": "RS256", "zip": "DEF" }), "AAAA.AAAA"),
            "fails at its Header: it is no plain signature",
        ),
        (
            "two billion rounds, encrypted",
            of(
                json!({ "alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2c": 2_147_483_647, "p2s": "AA" }),
                "AA.AA.AA.AA",
            ),
            NO_JWT,
        ),
        (
            "two billion rounds, signed",
            of(json!({ "alg": "PBES2-HS512+A256KW", "p2c": 2_147_483_647, "p2s": "AA" }), "AAAA.AAAA"),
            "fails at its Header: its alg is not allowed",
        ),
        ("a header alone", format!("eyJ{}", "A".repeat(1_000_000)), TOO_LARGE),
        ("a payload that is large", of(json!({ "alg": "RS256" }), &format!("{zeros}.AA")), TOO_LARGE),
        ("a signature that is large", of(json!({ "alg": "RS256" }), &format!("AA.{zeros}")), TOO_LARGE),
        (
            "ten thousand members",
            of(json!({ "alg": "RS256", "x": vec![0; 4_000] }), "e30.AA"),
            "fails at its Claims: iss is no trusted issuer",
        ),
        ("opaque and large", "x".repeat(1_000_000), TOO_LARGE),
    ]
}

#[tokio::test]
async fn token_that_is_huge_compressed_or_slow() {
    let api = Api::open().await;
    for (attack, token, why) in hostile() {
        assert_refused(&api, attack, &token, why).await;
        let fastest = fastest_of(10, &api, &token).await;
        assert!(fastest < LONGEST, "{attack}: {fastest:?}");
    }
}

/// The time of one of so many calls; what else the machine does is not ours to measure.
async fn fastest_of(calls: u32, api: &Api, token: &str) -> Duration {
    let mut fastest = Duration::MAX;
    for _ in 0..calls {
        let (app, request) = (api.app(), request(token));
        let began = Instant::now();
        let response = app.oneshot(request).await.unwrap();
        fastest = fastest.min(began.elapsed());
        assert_eq!(response.status(), 401);
    }
    fastest
}

fn request(token: &str) -> Request<Body> {
    Request::get("/who").header(AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).unwrap()
}

#[test]
fn token_that_is_large_where_memory_is_counted() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let api = runtime.block_on(Api::open());
    for (attack, token, _) in hostile() {
        let (app, request) = (api.app(), request(&token));
        // Of this thread alone, on which all of it runs: the request was made before.
        let counted = allocation_counter::measure(|| {
            assert_eq!(runtime.block_on(app.oneshot(request)).unwrap().status(), 401);
        });
        assert!(counted.bytes_max < 64 * 1024, "{attack}: {} bytes at once", counted.bytes_max);
        assert!(counted.bytes_current < 16 * 1024, "{attack}: {} bytes stay", counted.bytes_current);
    }
}

#[tokio::test]
async fn token_at_the_limit() {
    let (api, key) = api_with_own_key(Api::builder()).await;
    let padded = |bytes: usize| {
        let mut claims = good_claims(&api);
        claims["pad"] = json!("p".repeat(bytes));
        key.sign_raw(OWN_HEADER, &claims.to_string())
    };
    let fitting = (11_000..12_100).map(padded).take_while(|token| token.len() <= 16 * 1024).last().unwrap();
    assert!(fitting.len() > 16 * 1024 - 4, "{}", fitting.len());
    assert_passes(&api, "16 KiB", &fitting).await;
    assert_passes(&api, "16 KiB again", &fitting).await;
    for over in [12_100, 13_000, 100_000] {
        assert_refused(&api, "more", &padded(over), TOO_LARGE).await;
    }
}

#[tokio::test]
async fn token_in_json() {
    let api = Api::open().await;
    let token = api.token(Api::ada());
    let segments: Vec<&str> = token.split('.').collect();
    let flat = json!({ "protected": segments[0], "payload": segments[1], "signature": segments[2] });
    // The algorithm in a header that nothing protects (GHSA-jc38-x7x8-2xc8).
    let unprotected = json!({ "header": { "alg": "none" }, "payload": segments[1], "signature": "" });
    let general = json!({ "payload": segments[1], "signatures": [{ "protected": segments[0], "signature": segments[2] }] });
    for form in [flat, unprotected, general] {
        let token = form.to_string();
        let request = Request::get("/who").header(AUTHORIZATION, format!("Bearer {token}"));
        Listener::start();
        let reply = api.send(request).await;
        let log = Listener::stop();
        // It holds commas, which no token has.
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["error"]),
            (400, &json!("invalid_request")),
            "{token}"
        );
        crate::support::assert_nothing_of(segments[1], &log, "JSON");
        // And without a comma it is no JWT.
        assert_refused(&api, "one member", &format!("{{\"payload\":\"{}\"}}", segments[1]), NO_JWT).await;
    }
}

#[tokio::test]
async fn signed_token_taken_for_an_opaque_one() {
    use auth_layer::testing::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Endpoint};
    // It would be shown to the issuer that introspects, whosever it is.
    let (api, key) = api_with_own_key(
        Api::builder().issuer(|issuer| issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET)),
    )
    .await;
    let claims = good_claims(&api).to_string();
    for space in ["", " ", "\n", "\r\n", "\t", "\n  "] {
        let header = OWN_HEADER.replacen('{', &format!("{{{space}"), 1);
        assert_passes(&api, &format!("{space:?}"), &key.sign_raw(&header, &claims)).await;
        let foreign = claims.replace(&api.op.issuer(), "https://other.example");
        let why = "fails at its Claims: iss is no trusted issuer";
        assert_refused(&api, "of another issuer", &key.sign_raw(&header, &foreign), why).await;
    }
    assert_eq!(api.op.calls(Endpoint::Introspection), 0);
}

#[tokio::test]
async fn base64_that_is_not_strict() {
    let (api, key) = api_with_own_key(Api::builder()).await;
    let good = key.sign_raw(OWN_HEADER, &good_claims(&api).to_string());
    assert_passes(&api, "good", &good).await;
    let mut segments: Vec<String> = good.split('.').map(str::to_owned).collect();
    for place in 0..3 {
        let honest = segments[place].clone();
        for (name, bent) in [
            ("padding", format!("{honest}=")),
            ("more padding", format!("{honest}==")),
            ("padding within", format!("{}=={}", &honest[..8], &honest[8..])),
            ("a dot less", format!("{}{}", &honest[..8], &honest[9..])),
            ("percent", format!("{honest}%3D")),
            ("plus", format!("{honest}+")),
            ("slash", format!("{honest}/")),
            ("an empty segment", String::new()),
        ] {
            segments[place].clone_from(&bent);
            let token = segments.join(".");
            assert_refused(&api, &format!("{name} in segment {place}"), &token, "fails at its").await;
        }
        segments[place] = honest;
    }
    let last = good.as_bytes()[good.len() - 1];
    for byte in (b'0'..=b'z').filter(|byte| byte.is_ascii_alphanumeric() && *byte != last) {
        let bent = format!("{}{}", &good[..good.len() - 1], char::from(byte));
        assert_refused(&api, "the last character", &bent, "fails at its").await;
    }
    assert_passes(&api, "good", &good).await;
}
