//! The `Authorization` header of a call, and the challenge of its answer (RFC 6750 §2, §3).

use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
use auth_layer::testing::{Endpoint, Fault, bearer};
use auth_layer::token::{Requirement, Rule};
use auth_layer::{AccessToken, Auth};
use axum::Router;
use axum::routing::get;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use tests::{Api, Listener, Reply, send};

use crate::support::{assert_invalid, assert_nothing_of, assert_refused};

const REALM: &str = r#"Bearer realm="https://api.shop.example""#;

/// Calls with these `Authorization` headers, byte for byte.
async fn with(api: &Api, path: &str, values: &[&[u8]]) -> Reply {
    let mut request = Request::get(path);
    for value in values {
        request = request.header(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
    }
    api.send(request).await
}

#[tokio::test]
async fn call_without_a_token() {
    let api = Api::open().await;
    let reply = with(&api, "/who", &[]).await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (StatusCode::UNAUTHORIZED, REALM));
    assert!(!reply.body.contains("error"), "no credentials, so no error (RFC 6750 §3.1): {reply:?}");
}

#[tokio::test]
async fn token_that_is_malformed() {
    let api = Api::open().await;
    let good = api.token(Api::ada());
    let of = |pattern: &str| pattern.replace('T', &good).into_bytes();
    let table: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("two headers", vec![of("Bearer T"), of("Bearer T")]),
        ("a good one and a bad one", vec![of("Bearer T"), of("Bearer x")]),
        ("a bad one and a good one", vec![of("Bearer x"), of("Bearer T")]),
        ("beside another scheme", vec![of("Basic dTpw"), of("Bearer T")]),
        ("before another scheme", vec![of("Bearer T"), of("Basic dTpw")]),
        ("two schemes", vec![of("Bearer T"), of("DPoP T")]),
        ("three headers", vec![of("Basic a"), of("Digest a"), of("Bearer T")]),
        ("two tokens", vec![of("Bearer T T")]),
        ("two tokens with a comma", vec![of("Bearer T,T")]),
        ("two credentials", vec![of("Bearer T, Bearer T")]),
        ("parameters", vec![of("Bearer T, realm=\"x\"")]),
        ("no token", vec![of("Bearer")]),
        ("an empty token", vec![of("Bearer ")]),
        ("spaces", vec![of("Bearer    ")]),
        ("a comma", vec![of("Bearer ,")]),
        ("a tab before it", vec![of("Bearer\tT")]),
        ("a tab in it", vec![of("Bearer x\tT")]),
        ("a colon", vec![of("Bearer: T")]),
        ("an equals sign", vec![of("Bearer=T")]),
        ("a comma at once", vec![of("Bearer,T")]),
        ("quotes at once", vec![of("Bearer\"T\"")]),
    ];
    for (attack, values) in table {
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        for path in ["/who", "/maybe"] {
            Listener::start();
            let reply = with(&api, path, &values).await;
            let log = Listener::stop();
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{attack} at {path}: {reply:?}");
            assert_eq!(reply.header("www-authenticate"), format!("{REALM}, error=\"invalid_request\""));
            assert_eq!(reply.json()["error"], "invalid_request", "{attack}");
            assert!(log.contains("kind=Malformed"), "{attack}: {log}");
            assert_nothing_of(&good, &log, attack);
            assert_nothing_of(&good, &reply.body, attack);
        }
    }
}

#[tokio::test]
async fn token_of_bytes_that_no_token_has() {
    let api = Api::open().await;
    let good = api.token(Api::ada());
    for (attack, value) in [
        ("no UTF-8", b"Bearer \xff\xfe\xfd".to_vec()),
        ("no ASCII", "Bearer t\u{f6}ken".as_bytes().to_vec()),
        ("a good one with a byte more", [b"Bearer ", good.as_bytes(), b"\x80"].concat()),
        ("a no-break space", [b"Bearer ", good.as_bytes(), b"\xc2\xa0"].concat()),
    ] {
        Listener::start();
        let reply = with(&api, "/who", &[&value]).await;
        let log = Listener::stop();
        assert_invalid(&reply, attack);
        assert!(log.contains("the token fails at its Format"), "{attack}: {log}");
        assert_nothing_of(&good, &log, attack);
    }
    for token in ["nonsense", "a.b.c", "...", "eyJ..", "eyJ.eyJ.", "\"", "%00", "{}", "null", "undefined"] {
        assert_refused(&api, token, token, "fails at its Format").await;
    }
}

#[tokio::test]
async fn several_tokens_while_the_keys_cannot_be_fetched() {
    // CVE-2025-64527: where both came together, the process crashed.
    let api = Api::open().await;
    let good = api.token(Api::ada());
    for fault in [Fault::Status(500), Fault::DropConnection, Fault::garbage("{", "application/json")] {
        api.op.fault(Endpoint::Jwks, fault);
        let cold = Api::builder().over(&api.op).await;
        let value = format!("Bearer {good}");
        for _ in 0..3 {
            let two = with(&cold, "/who", &[value.as_bytes(), value.as_bytes()]).await;
            assert_eq!(two.status, StatusCode::BAD_REQUEST);
            let one = with(&cold, "/who", &[value.as_bytes()]).await;
            assert_eq!((one.status, one.header("www-authenticate")), (StatusCode::SERVICE_UNAVAILABLE, ""));
        }
        api.op.clear_faults();
        cold.clock.advance(std::time::Duration::from_secs(5));
        assert_eq!(with(&cold, "/who", &[value.as_bytes()]).await.status, StatusCode::OK, "it recovers");
    }
}

#[tokio::test]
async fn scheme_in_any_case_and_any_spacing() {
    let api = Api::open().await;
    let good = api.token(Api::ada());
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        for spaces in [" ", "    "] {
            for around in ["", " "] {
                let value = format!("{around}{scheme}{spaces}{good}{around}");
                let reply = with(&api, "/who", &[value.as_bytes()]).await;
                assert_eq!(reply.status, StatusCode::OK, "{scheme:?} {spaces:?} {around:?}");
            }
        }
    }
    // Of another scheme: no token came at all.
    for value in
        ["Basic dTpw", "Digest x", "BearerToken T", "Bearer-Token T", "XBearer T", "Token T", "T", ""]
    {
        let reply = with(&api, "/who", &[value.replace('T', &good).as_bytes()]).await;
        assert_eq!(
            (reply.status, reply.header("www-authenticate")),
            (StatusCode::UNAUTHORIZED, REALM),
            "{value}"
        );
    }
}

#[tokio::test]
async fn token_in_the_query_or_in_a_form() {
    let api = Api::open().await;
    let good = api.token(Api::ada());
    let query = Request::get(format!("/who?access_token={good}"));
    let form = format!("access_token={good}");
    let body = Request::post("/who").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (attack, request, body) in [("query", query, String::new()), ("form", body, form)] {
        Listener::start();
        let response =
            tower::ServiceExt::oneshot(api.app(), request.body(axum::body::Body::from(body)).unwrap())
                .await
                .unwrap();
        let page = crate::support::Page::of(response).await;
        let log = Listener::stop();
        assert_eq!((page.status, page.header("www-authenticate")), (401, REALM), "{attack}");
        assert_nothing_of(&good, &log, attack);
        assert_nothing_of(&good, &page.everything(), attack);
    }
    for header in ["x-access-token", "x-forwarded-access-token", "proxy-authorization", "x-authorization"] {
        let reply = api.send(Request::get("/who").header(header, bearer(&good))).await;
        assert_eq!(reply.header("www-authenticate"), REALM, "{header}");
    }
}

pub(crate) struct Quoted;

impl Requirement for Quoted {
    const RULE: Rule = Rule::authenticated("quoted").with_scopes(&["a\"b", "c\\d"]);
}

#[tokio::test]
async fn text_that_ends_the_quotes_of_a_challenge() {
    let routes = Router::new().route("/quoted", get(async |_: AccessToken<Quoted>| "never"));
    let api = Api::builder().routes(routes).open().await;
    let reply = api.get("/quoted", &api.token(Api::ada())).await;
    let expected = format!(r#"{REALM}, error="insufficient_scope", scope="a\"b c\\d""#);
    assert_eq!((reply.status, reply.header("www-authenticate")), (StatusCode::FORBIDDEN, &*expected));
    // The realm is the API's audience, which the application writes.
    let op = api.op.issuer();
    let configured =
        |audience: &str| ResourceServerConfig::builder(audience).add_issuer(TrustedIssuer::new(&op)).build();
    let auth = Auth::resource_server(configured(r#"say "hi\" x="y"#).unwrap()).await.unwrap();
    let reply = send(Api::routes().layer(auth.layer()), Request::get("/who")).await;
    assert_eq!(reply.header("www-authenticate"), r#"Bearer realm="say \"hi\\\" x=\"y""#);
    for audience in ["a\r\nSet-Cookie: x=y", "a\nb", "a\rb", "a\0b", "a\u{7f}b", "a\u{2028}b"] {
        assert!(configured(audience).is_err(), "{audience:?}");
    }
}

#[tokio::test]
async fn clients_text_in_the_answer() {
    let api = Api::builder().config(|config| config.with_base_url("https://api.shop.example")).open().await;
    let marked = api.token(
        Api::ada()
            .with_claim("sub", "x\", error=\"MARK\r\nMARK: MARK")
            .with_claim("exp", 1)
            .with_header("kid", "MARK"),
    );
    for value in ["Bearer \"MARK\\\"", "Bearer MARK\\", &format!("Bearer {marked}")] {
        let reply = with(&api, "/who?MARK=MARK", &[value.as_bytes()]).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert!(!format!("{reply:?}").contains("MARK"), "{reply:?}");
    }
    for name in ["host", "x-forwarded-host", "forwarded", "origin", "referer"] {
        let reply = api.send(Request::get("/who").header(name, "MARK.example")).await;
        assert!(!format!("{reply:?}").contains("MARK"), "{name}: {reply:?}");
    }
}

#[tokio::test]
async fn header_of_a_megabyte() {
    let api = Api::open().await;
    let huge = "x".repeat(1 << 20);
    for value in [
        format!("Bearer {huge}"),
        format!("Bearer {}", ".".repeat(1 << 20)),
        format!("Bearer eyJ{huge}.{huge}.{huge}"),
        format!("{huge} x"),
        format!("Bearer{}", " ".repeat(1 << 20)),
    ] {
        let began = std::time::Instant::now();
        let reply = with(&api, "/who", &[value.as_bytes()]).await;
        assert!(matches!(reply.status.as_u16(), 400 | 401), "{reply:?}");
        assert!(reply.body.len() < 500 && began.elapsed().as_millis() < 1_000);
    }
    let many: Vec<&[u8]> = vec![b"Bearer x"; 1_000];
    assert_eq!(with(&api, "/who", &many).await.status, StatusCode::BAD_REQUEST);
}
