//! Another kind of token in the place of an access token (RFC 9068 §2.1, §5, RFC 8725 §3.11).

use auth_layer::config::{TokenProfile, TrustedIssuer};
use auth_layer::testing::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Endpoint, Fault, TestAccessToken, User};
use serde_json::{Value, json};
use tests::{Api, Listener, Site};

use crate::support::{OwnKey, assert_invalid, assert_nothing_of, assert_passes, assert_refused, encoded};

const STRICT: &str = "fails at its Claims: typ is not at+jwt: RFC 9068 requires it";

async fn lenient() -> Api {
    Api::builder().issuer(|issuer| issuer.with_profile(TokenProfile::Lenient)).open().await
}

#[tokio::test]
async fn typ_of_another_kind() {
    let (strict, lenient) = (Api::open().await, lenient().await);
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        for api in [&strict, &lenient] {
            assert_passes(api, typ, &api.token(Api::ada().with_header("typ", typ))).await;
        }
    }
    for typ in ["JWT", "jwt", "application/jwt"] {
        let token = || Api::ada().with_header("typ", typ);
        assert_refused(&strict, typ, &strict.token(token()), STRICT).await;
        assert_passes(&lenient, typ, &lenient.token(token())).await;
    }
    let untyped = || Api::ada().without_header("typ");
    assert_refused(&strict, "none", &strict.token(untyped()), STRICT).await;
    assert_passes(&lenient, "none", &lenient.token(untyped())).await;
    for typ in [
        "",
        " at+jwt",
        "at+jwt ",
        "at-jwt",
        "at jwt",
        "at+jwt;v=1",
        "application/",
        "text/at+jwt",
        "application/application/at+jwt",
        "id+jwt",
        "rt+jwt",
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "token-introspection+jwt",
        "oauth-authz-req+jwt",
        "JOSE",
        "JWE",
        "\u{430}t+jwt",
    ] {
        for (api, why) in
            [(&strict, STRICT), (&lenient, "fails at its Claims: typ says that it is another kind")]
        {
            assert_refused(api, typ, &api.token(Api::ada().with_header("typ", typ)), why).await;
        }
    }
    for typ in [json!(7), json!(null), json!(["at+jwt"]), json!({ "at+jwt": 1 }), json!(true)] {
        for api in [&strict, &lenient] {
            let token = api.token(Api::ada().with_header("typ", typ.clone()));
            assert_refused(api, &typ.to_string(), &token, "fails at its Header: typ is no string").await;
        }
    }
}

/// An honest id token of the provider, from a login.
async fn id_token(site: &Site) -> String {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let spy = std::sync::Arc::clone(&seen);
    let listen =
        move |answer: &mut Value| *spy.lock().unwrap() = answer["id_token"].as_str().unwrap().to_owned();
    site.op.fault(Endpoint::Token, Fault::rewrite(listen));
    site.ada().await;
    seen.lock().unwrap().clone()
}

#[tokio::test]
async fn id_token_as_an_access_token() {
    let site = Site::open().await;
    let token = id_token(&site).await;
    let client = site.op.client_id();
    // The worst case: an API whose audience is the client that the id token is for.
    for (profile, why) in [
        (TokenProfile::Rfc9068, STRICT),
        (TokenProfile::Lenient, "fails at its Claims: it has at_hash or c_hash: it is an id token"),
    ] {
        let audience = client.clone();
        let change =
            move |issuer: TrustedIssuer| issuer.with_profile(profile).add_audience(audience.as_str());
        let api = Api::builder().issuer(change).over(&site.op).await;
        assert_refused(&api, "honest", &token, why).await;
    }
    let api = lenient().await;
    for (marks, why) in [
        (json!({ "nonce": "n-0S6_WzA2Mj" }), "it has a nonce, and nothing says that it is no id token"),
        (json!({ "at_hash": "MTIzNDU2Nzg5MDEyMzQ1Ng" }), "it has at_hash or c_hash: it is an id token"),
        (json!({ "c_hash": "LDktKdoQak3Pk0cnXxCltA" }), "it has at_hash or c_hash: it is an id token"),
        (json!({ "typ": "ID" }), "the claim typ says that it is another kind of token"),
    ] {
        let bent = marks.as_object().unwrap().iter();
        let token = bent.fold(Api::ada().with_header("typ", "JWT"), |token, (name, value)| {
            token.with_claim(name, value.clone())
        });
        assert_refused(&api, &marks.to_string(), &api.token(token), why).await;
    }
}

#[tokio::test]
async fn logout_token_as_an_access_token() {
    let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let logout = |typ: Option<&str>| {
        let token = Api::ada().with_claim("events", events.clone()).with_claim("sid", "08a5019c-17e1");
        match typ {
            Some(typ) => token.with_header("typ", typ),
            None => token.without_header("typ"),
        }
    };
    let (strict, lenient) = (Api::open().await, lenient().await);
    for typ in [Some("logout+jwt"), Some("JWT"), None] {
        assert_refused(&strict, "strict", &strict.token(logout(typ)), STRICT).await;
        assert_refused(&lenient, "lenient", &lenient.token(logout(typ)), "fails at its Claims").await;
    }
    // Also under the type of an access token, and with an event of any kind.
    for events in [events.clone(), json!({}), json!([]), json!("x"), Value::Null] {
        for api in [&strict, &lenient] {
            let token = api.token(Api::ada().with_claim("events", events.clone()));
            assert_refused(api, "typed", &token, "fails at its Claims: it has events").await;
        }
    }
}

#[tokio::test]
async fn refresh_token_as_an_access_token() {
    let (strict, lenient) = (Api::open().await, lenient().await);
    for typ in ["Refresh", "Offline", "ID", "Logout", "Serialized-ID", "UserInfo", "", "Bearer "] {
        // Keycloak's refresh tokens are JWTs of the same keys, and say so in a claim.
        for api in [&strict, &lenient] {
            let why = "fails at its Claims: the claim typ says that it is another kind of token";
            assert_refused(api, typ, &api.token(Api::ada().with_claim("typ", typ)), why).await;
        }
    }
    for typ in [json!(7), json!(null), json!(["Bearer"])] {
        let token = lenient.token(Api::ada().with_claim("typ", typ.clone()));
        assert_refused(&lenient, &typ.to_string(), &token, "fails at its Claims: typ is of the wrong type")
            .await;
    }
    assert_passes(&lenient, "Bearer", &lenient.token(Api::ada().with_claim("typ", "Bearer"))).await;
}

async fn introspecting() -> Api {
    let asks = |issuer: TrustedIssuer| issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET);
    Api::builder().issuer(asks).open().await
}

#[tokio::test]
async fn refresh_or_id_token_of_which_the_issuer_says_that_it_is_active() {
    let api = introspecting().await;
    let other = "the answer is about another kind of token";
    let hashed = "the answer is about an id token, a logout token or a security event";
    let opaque = || Api::ada().opaque();
    // What an issuer answers about a token that names this API in its audience all the same.
    let table: Vec<(&str, Value, &str)> = vec![
        ("token_type", json!("refresh_token"), other),
        ("token_type", json!("N_A"), other),
        ("token_type", json!(""), other),
        ("token_type", json!(7), other),
        ("token_type", json!(["Bearer"]), other),
        ("typ", json!("Refresh"), other),
        ("typ", json!("Offline"), other),
        ("typ", json!("ID"), other),
        ("token_use", json!("refresh_token"), other),
        ("token_use", json!("id"), other),
        ("at_hash", json!("MTIzNDU2Nzg5MDEyMzQ1Ng"), hashed),
        ("events", json!({}), hashed),
    ];
    for (name, value, why) in table {
        let token = api.token(opaque());
        let change = {
            let value = value.clone();
            move |answer: &mut Value| answer[name] = value.clone()
        };
        api.op.fault(Endpoint::Introspection, Fault::rewrite(change));
        assert_refused(&api, &format!("{name} = {value}"), &token, "").await;
        // The first answer told why; a no is remembered after that.
        api.clock.advance(std::time::Duration::from_secs(10));
        Listener::start();
        api.call(&token).await;
        let log = Listener::stop();
        assert!(log.contains(why), "{name} = {value}: {log}");
        api.op.clear_faults();
    }
    for (name, value) in [
        ("token_type", "bearer"),
        ("token_type", "access_token"),
        ("token_use", "access_token"),
        ("token_use", "access"),
        ("typ", "Bearer"),
        ("typ", "at+jwt"),
    ] {
        let token = api.token(opaque());
        let change = move |answer: &mut Value| answer[name] = json!(value);
        api.op.fault(Endpoint::Introspection, Fault::rewrite(change));
        assert_passes(&api, &format!("{name} = {value}"), &token).await;
        api.op.clear_faults();
    }
}

#[tokio::test]
async fn refresh_token_of_a_session_brought_as_a_bearer_token() {
    let site = Site::open().await;
    let seen = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let spy = std::sync::Arc::clone(&seen);
    let listen =
        move |answer: &mut Value| *spy.lock().unwrap() = answer["refresh_token"].as_str().unwrap().to_owned();
    site.op.fault(Endpoint::Token, Fault::rewrite(listen));
    site.visitor().log_in(&User::ada()).await;
    let token = seen.lock().unwrap().clone();
    let asks = |issuer: TrustedIssuer| issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET);
    let api = Api::builder().issuer(asks).over(&site.op).await;
    let why = "the answer about the token does not name this API in aud";
    Listener::start();
    let reply = api.call(&token).await;
    let log = Listener::stop();
    assert_invalid(&reply, "a living refresh token");
    assert!(log.contains(why), "{log}");
    assert_nothing_of(&token, &log, "refresh token");
}

#[tokio::test]
async fn encrypted_token() {
    let header = encoded(r#"{"alg":"RSA-OAEP","enc":"A256GCM","typ":"at+jwt"}"#);
    let jwe = format!("{header}.AAAA.AAAA.AAAA.AAAA");
    let api = Api::open().await;
    assert_refused(&api, "five segments", &jwe, "fails at its Format: it is no signed JWT").await;
    let direct = encoded(r#"{"alg":"dir","enc":"A256GCM","typ":"at+jwt"}"#);
    assert_refused(&api, "in three", &format!("{direct}.AAAA.AAAA"), "fails at its").await;
    assert_eq!(api.op.calls(Endpoint::Introspection), 0);
}

#[tokio::test]
async fn token_inside_a_token() {
    let (strict, lenient) = (Api::open().await, lenient().await);
    for api in [&strict, &lenient] {
        let inner = api.token(Api::ada());
        // A JWT as the payload of a JWS (RFC 7519 §5.2), and inside of a claim.
        let header = json!({ "alg": "ES256", "kid": "own", "typ": "at+jwt", "cty": "JWT" }).to_string();
        api.op.publish_jwk(OwnKey::get().jwk());
        let nested = OwnKey::get().sign_raw(&header, &inner);
        assert_refused(api, "nested", &nested, "fails at its Claims: they are no object").await;
        let quoted = OwnKey::get().sign_raw(&header, &json!(inner).to_string());
        assert_refused(api, "quoted", &quoted, "fails at its Claims: they are no object").await;
        let claimed =
            TestAccessToken::new("local|ada").with_audience("https://x.example").with_claim("jwt", inner);
        assert_refused(api, "in a claim", &api.token(claimed), "fails at its Claims: aud is another API")
            .await;
    }
}
