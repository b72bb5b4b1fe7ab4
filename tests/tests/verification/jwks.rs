//! Key sets that are huge, broken, moved or mixed (RFC 7517, RFC 8725 §3.5).

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, User};
use axum::body::Body;
use http::Response;
use serde_json::{Value, json};

use crate::support::{App, OwnKey, StrangeServer, encoded, provider, unsigned};

/// Lets the provider's metadata name another address for its keys.
fn move_keys(app: &App, url: &str) {
    let url = url.to_owned();
    app.op.fault(Endpoint::Discovery, Fault::rewrite(move |metadata| metadata["jwks_uri"] = json!(url)));
}

/// An application that has fetched nothing yet.
async fn cold(change: impl Fn(&App)) -> App {
    let op = provider(|builder| builder).await;
    op.fault(Endpoint::Discovery, Fault::Status(500));
    let app = App::over(&op, |config| config).await;
    op.clear_faults();
    change(&app);
    app.pass(Duration::from_secs(2));
    app
}

#[tokio::test]
async fn key_set_of_a_hundred_megabytes() {
    let flood = StrangeServer::flood(100).await;
    let app = cold(|app| move_keys(app, &flood.url)).await;
    let page = app.browser().log_in(&User::ada()).await;
    assert_eq!((page.status, page.begins_session()), (503, false));
    // What was on the way when the door was shut is not ours: the socket's buffers hold a few MiB.
    assert!(flood.sent() < 20, "{} MiB were taken", flood.sent());
}

#[tokio::test]
async fn key_set_that_is_no_key_set() {
    for body in [
        "<!doctype html><p>Sign in",
        "",
        "[]",
        "null",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[],"keys":[]}"#,
        "{",
    ] {
        let app = App::start().await;
        app.op.fault(Endpoint::Jwks, Fault::garbage(body, "text/html"));
        let page = app.browser().log_in(&User::ada()).await;
        assert_eq!((page.status, page.begins_session()), (503, false), "{body}");
        app.op.clear_faults();
        app.pass(Duration::from_secs(2));
        assert!(app.browser().log_in(&User::ada()).await.begins_session(), "it recovers by itself: {body}");
    }
}

#[tokio::test]
async fn ten_thousand_keys() {
    let app = App::start().await;
    let key = OwnKey::get();
    app.publish(move |keys| keys.extend((0..10_000).map(|_| key.jwk())));
    assert_eq!(app.browser().log_in(&User::ada()).await.status, 503);
    app.publish(move |keys| keys.extend((0..99).map(|_| key.jwk())));
    app.pass(Duration::from_secs(2));
    assert!(app.browser().log_in(&User::ada()).await.begins_session(), "a hundred are read");
}

#[tokio::test]
async fn key_set_behind_a_redirect() {
    let honest = App::start().await;
    for target in
        [honest.op.url(Endpoint::Jwks), "file:///etc/passwd".into(), "http://169.254.169.254/".into()]
    {
        let location = target.clone();
        let redirecting = StrangeServer::start(move || {
            Response::builder().status(302).header("location", &location).body(Body::empty()).unwrap()
        })
        .await;
        let app = cold(|app| move_keys(app, &redirecting.url)).await;
        assert_eq!(app.browser().log_in(&User::ada()).await.status, 503, "{target}");
        assert_eq!(redirecting.calls(), 1);
    }
    assert_eq!(honest.op.calls(Endpoint::Jwks), 0, "no redirect is followed");
}

#[tokio::test]
async fn one_bad_key_among_good_ones() {
    let app = App::start().await;
    app.publish(|keys| {
        let bad = [
            json!(7),
            json!({}),
            json!({ "kty": "RSA", "kid": "a", "n": "***", "e": "AQAB" }),
            json!({ "kty": "EC", "crv": "P-256", "kid": "b", "x": "AA", "y": "AA" }),
            json!({ "kty": "EC", "crv": "P-521", "kid": "c", "x": "AA", "y": "AA" }),
            json!({ "kty": "oct", "kid": "d", "k": "c2VjcmV0" }),
            json!({ "kty": ["RSA"], "kid": "e" }),
            json!({ "kty": "OKP", "crv": "Ed25519", "kid": "f", "x": "AA" }),
            json!({ "kty": "AKP", "kid": "g", "alg": "ML-DSA-44", "pub": "AA" }),
        ];
        keys.splice(0..0, bad);
    });
    assert!(app.browser().log_in(&User::ada()).await.begins_session());
}

#[tokio::test]
async fn point_that_is_not_on_its_curve() {
    let app = App::start().await;
    let mut jwk = OwnKey::get().jwk();
    jwk["y"] = json!(encoded([7; 32]));
    app.publish(move |keys| keys.push(jwk.clone()));
    let page = app.log_in_with(|_, claims| OwnKey::get().sign(&claims.to_string())).await;
    assert_eq!((page.status, page.begins_session()), (400, false));
}

#[tokio::test]
async fn key_that_is_private_not_for_signing_or_for_another_algorithm() {
    for (name, value, good) in [
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("use", json!(7), false),
        ("key_ops", json!(["verify"]), true),
        ("key_ops", json!(["encrypt"]), false),
        ("key_ops", json!("verify"), false),
        ("alg", json!("ES384"), false),
        ("alg", json!(["ES256"]), false),
        ("d", json!("AA"), false),
        ("crv", json!("P-384"), false),
        ("kty", json!("RSA"), false),
        ("kid", json!("k".repeat(300)), false),
    ] {
        let app = App::start().await;
        let mut jwk = OwnKey::get().jwk();
        jwk[name] = value.clone();
        app.publish(move |keys| keys.push(jwk.clone()));
        let page = app.log_in_with(|_, claims| OwnKey::get().sign(&claims.to_string())).await;
        assert_eq!(page.begins_session(), good, "{name} = {value}");
    }
}

#[tokio::test]
async fn shared_secret_published_as_a_key() {
    let app = App::start().await;
    app.publish(|keys| {
        keys.push(json!({ "kty": "oct", "kid": "own", "alg": "HS256", "k": encoded("secret") }))
    });
    let page = app
        .log_in_with(|_, claims| {
            let input = unsigned(&json!({ "alg": "HS256", "kid": "own" }), claims);
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"secret");
            format!("{input}.{}", encoded(aws_lc_rs::hmac::sign(&key, input.as_bytes()).as_ref()))
        })
        .await;
    assert_eq!((page.status, page.begins_session()), (400, false));
}

#[tokio::test]
async fn same_kid_twice() {
    let app = App::start().await;
    app.publish(|keys| {
        let mut twin = OwnKey::get().jwk();
        twin["kid"] = keys[0]["kid"].clone();
        keys.push(twin);
        // What is left of the document is good.
        keys.push(OwnKey::get().jwk());
    });
    assert_eq!(app.browser().log_in(&User::ada()).await.status, 400, "which of the two is not guessed");
}

#[tokio::test]
async fn keys_away_after_they_were_fetched() {
    let app = App::start().await;
    assert!(app.browser().log_in(&User::ada()).await.begins_session());
    for fault in [
        Fault::Status(500),
        Fault::garbage("<p>maintenance", "text/html"),
        Fault::DropConnection,
        Fault::rewrite(|jwks| jwks["keys"] = Value::Null),
    ] {
        app.op.fault(Endpoint::Jwks, fault);
        app.pass(Duration::from_secs(3_600));
        assert!(app.browser().log_in(&User::ada()).await.begins_session(), "the old keys are kept");
    }
}

#[tokio::test]
async fn key_that_was_withdrawn() {
    let app = App::start().await;
    assert!(app.browser().log_in(&User::ada()).await.begins_session());
    // Someone has the old key, which a provider of this process shares, and the provider drops it.
    let thief = provider(|builder| builder).await;
    let jwks: Value = reqwest::get(app.op.url(Endpoint::Jwks)).await.unwrap().json().await.unwrap();
    let header = json!({ "alg": "RS256", "kid": jwks["keys"][0]["kid"] });
    app.op.rotate_keys(false);
    app.pass(Duration::from_secs(600));
    let page = app.log_in_with(move |_, claims| thief.sign(&header, claims)).await;
    assert_eq!((page.status, page.begins_session()), (400, false), "after ten minutes it is worth nothing");
}
