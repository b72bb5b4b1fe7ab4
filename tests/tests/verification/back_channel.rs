//! Logout tokens of a liar (OpenID Connect Back-Channel Logout 1.0 §2.6, §4).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_layer::testing::{Endpoint, IdentityProvider, TestAccessToken, TestLogoutToken, User};
use aws_lc_rs::hmac;
use serde_json::{Value, json};
use tests::Listener;

use crate::support::back_channel::{assert_refused, of_ada, shop, tell};
use crate::support::{App, Browser, assert_nothing_of, decoded, encoded, unsigned};

/// Asserts that a logout token is refused, and that neither the answer nor the log holds anything of it.
async fn assert_bad(app: &App, ada: &mut Browser, token: &str, attack: &str) {
    Listener::start();
    let page = tell(app, token).await;
    let log = Listener::stop();
    assert_refused(&page, 400, ada, attack).await;
    assert!(log.contains("a logout token was refused"), "{attack}: nobody can tell why: {log}");
    assert_nothing_of(token, &log, attack);
    assert_nothing_of(token, &page.everything(), attack);
}

/// Asserts that what the attacks bend is good before.
async fn assert_ends_the_session(app: &App, ada: &mut Browser, token: &TestLogoutToken) {
    let page = tell(app, &app.op.mint_logout_token(token)).await;
    assert_eq!((page.status, &*page.body, page.set_cookies().len()), (200, "", 0), "{page:?}");
    assert_eq!(ada.who().await, "nobody");
}

#[tokio::test]
async fn id_token_as_a_logout_token() {
    let app = App::start().await;
    let caught = Arc::new(Mutex::new(Value::Null));
    let catching = Arc::clone(&caught);
    app.log_in_with_answer(move |answer| *catching.lock().unwrap() = answer["id_token"].clone()).await;
    let mut ada = app.browser().logged_in(&User::ada()).await;
    let id_token = caught.lock().unwrap().as_str().unwrap().to_owned();
    assert_bad(&app, &mut ada, &id_token, "an id token as it came").await;
    let [header, mut claims] = decoded(&id_token);
    claims["jti"] = json!("one");
    claims["events"] = json!({ EVENT: {} });
    assert_bad(&app, &mut ada, &app.op.sign(&header, &claims), "an id token with events").await;
}

#[tokio::test]
async fn token_of_another_kind() {
    let (app, mut ada) = shop().await;
    for typ in ["at+jwt", "application/at+jwt", "dpop+jwt", "secevent+jwt", "JOSE"] {
        let token = app.op.mint_logout_token(&of_ada().with_header("typ", typ));
        assert_bad(&app, &mut ada, &token, typ).await;
    }
    let access_token = TestAccessToken::new(User::ada().subject()).with_audience("shop");
    let access_token = app.op.issue_access_token(access_token.with_claim("events", json!({ EVENT: {} })));
    assert_bad(&app, &mut ada, &access_token, "an access token").await;
    for token in ["", "x", "a.b.c", "....", "%00.%00.%00"] {
        let page = tell(&app, token).await;
        assert_refused(&page, 400, &mut ada, token).await;
    }
    assert_ends_the_session(&app, &mut ada, &of_ada().without_header("typ")).await;
}

#[tokio::test]
async fn nonce_present() {
    let (app, mut ada) = shop().await;
    for nonce in [json!("n"), json!(""), json!(null), json!(false), json!([])] {
        let token = app.op.mint_logout_token(&of_ada().with_claim("nonce", nonce.clone()));
        assert_bad(&app, &mut ada, &token, &nonce.to_string()).await;
    }
    let token = app.op.mint_logout_token(&of_ada().with_claim("at_hash", "h"));
    assert_bad(&app, &mut ada, &token, "at_hash").await;
    assert_ends_the_session(&app, &mut ada, &of_ada()).await;
}

#[tokio::test]
async fn required_claim_missing() {
    let (app, mut ada) = shop().await;
    for claim in ["iss", "aud", "iat", "exp", "jti", "events", "sub"] {
        let token = app.op.mint_logout_token(&of_ada().without_claim(claim));
        assert_bad(&app, &mut ada, &token, claim).await;
        let token = app.op.mint_logout_token(&of_ada().with_claim(claim, Value::Null));
        assert_bad(&app, &mut ada, &token, claim).await;
    }
    assert_ends_the_session(&app, &mut ada, &of_ada()).await;
}

#[tokio::test]
async fn issuer_of_another_provider() {
    let (app, mut ada) = shop().await;
    let issuer = app.op.issuer();
    for iss in [json!(format!("{issuer}/")), json!("https://op.example"), json!([issuer]), json!("")] {
        let token = app.op.mint_logout_token(&of_ada().with_claim("iss", iss.clone()));
        assert_bad(&app, &mut ada, &token, &iss.to_string()).await;
    }
    assert_ends_the_session(&app, &mut ada, &of_ada()).await;
}

#[tokio::test]
async fn logout_token_of_another_client() {
    let (app, mut ada) = shop().await;
    for aud in
        [json!("spa"), json!(["spa"]), json!("shop "), json!([]), json!([["shop"]]), json!({ "shop": 1 })]
    {
        let token = app.op.mint_logout_token(&of_ada().with_claim("aud", aud.clone()));
        assert_bad(&app, &mut ada, &token, &aud.to_string()).await;
    }
    assert_ends_the_session(&app, &mut ada, &of_ada().with_claim("aud", json!(["spa", "shop"]))).await;
}

#[tokio::test]
async fn expired_or_from_the_future() {
    let (app, mut ada) = shop().await;
    let now = app.now();
    for (claim, value) in [
        ("exp", json!(now - 30)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!("tomorrow")),
        ("exp", json!(1e300)),
        ("iat", json!(now + 31)),
        ("iat", json!((now + 1).to_string())),
    ] {
        let token = app.op.mint_logout_token(&of_ada().with_claim(claim, value.clone()));
        assert_bad(&app, &mut ada, &token, &format!("{claim} {value}")).await;
    }
    let token = app.op.mint_logout_token(&of_ada());
    app.pass(Duration::from_secs(150));
    assert_bad(&app, &mut ada, &token, "an honest one that was held back").await;
    assert_ends_the_session(&app, &mut ada, &of_ada()).await;
}

#[tokio::test]
async fn events_that_are_no_logout() {
    let (app, mut ada) = shop().await;
    for events in [
        json!({}),
        json!({ "http://schemas.openid.net/event/other": {} }),
        json!({ EVENT: null }),
        json!({ EVENT: [] }),
        json!({ EVENT: "" }),
        json!({ EVENT: true }),
        json!([EVENT]),
        json!(EVENT),
    ] {
        let token = app.op.mint_logout_token(&of_ada().with_claim("events", events.clone()));
        assert_bad(&app, &mut ada, &token, &events.to_string()).await;
    }
    assert_ends_the_session(&app, &mut ada, &of_ada()).await;
}

#[tokio::test]
async fn subject_or_sid_of_another_kind() {
    let (app, mut ada) = shop().await;
    for (claim, value) in [
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!(["local|ada"])),
        ("sub", json!("a".repeat(257))),
        ("sid", json!("")),
        ("sid", json!(7)),
        ("sid", json!("s".repeat(257))),
    ] {
        let token = app.op.mint_logout_token(&of_ada().with_claim(claim, value.clone()));
        assert_bad(&app, &mut ada, &token, &format!("{claim} {value}")).await;
    }
    assert_ends_the_session(&app, &mut ada, &of_ada()).await;
}

#[tokio::test]
async fn logout_token_replayed() {
    let (app, mut ada) = shop().await;
    let token = app.op.mint_logout_token(&of_ada());
    assert_eq!(tell(&app, &token).await.status, 200);
    app.pass(Duration::from_secs(1));
    ada.log_in(&User::ada()).await;
    for _ in 0..2 {
        let page = tell(&app, &token).await;
        assert_refused(&page, 400, &mut ada, "as it came").await;
        assert!(page.body.contains("jti"), "{page:?}");
    }
    let [header, mut claims] = decoded(&token);
    claims["iat"] = json!(app.now());
    let page = tell(&app, &app.op.sign(&header, &claims)).await;
    assert_refused(&page, 400, &mut ada, "signed anew under its old jti").await;
    app.pass(Duration::from_secs(148));
    let page = tell(&app, &token).await;
    assert_refused(&page, 400, &mut ada, "in the last second of its life").await;
    assert!(page.body.contains("jti"), "{page:?}");
}

#[tokio::test]
async fn a_hundred_replays_at_once() {
    let (app, _) = shop().await;
    let token = app.op.mint_logout_token(&of_ada());
    let pages = futures_util::future::join_all((0..100).map(|_| tell(&app, &token))).await;
    assert_eq!(pages.iter().filter(|page| page.status == 200).count(), 1);
    assert_eq!(pages.iter().filter(|page| page.status == 400).count(), 99);
}

#[tokio::test]
async fn alg_none_or_hmac() {
    let (app, mut ada) = shop().await;
    let [header, claims] = decoded(&app.op.mint_logout_token(&of_ada()));
    for alg in ["none", "None", "nOnE", ""] {
        for signature in ["", "AA"] {
            let token =
                format!("{}.{signature}", unsigned(&json!({ "alg": alg, "typ": "logout+jwt" }), &claims));
            assert_bad(&app, &mut ada, &token, alg).await;
        }
    }
    let jwks: Value = reqwest::get(app.op.url(Endpoint::Jwks)).await.unwrap().json().await.unwrap();
    for key in [app.op.client_secret(), jwks["keys"][0].to_string(), String::new()] {
        let mut header = header.clone();
        header["alg"] = json!("HS256");
        let input = unsigned(&header, &claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), input.as_bytes());
        assert_bad(&app, &mut ada, &format!("{input}.{}", encoded(tag.as_ref())), "HS256").await;
    }
}

#[tokio::test]
async fn key_of_another_provider() {
    let (app, mut ada) = shop().await;
    let [header, claims] = decoded(&app.op.mint_logout_token(&of_ada()));
    let stranger = IdentityProvider::builder().own_keys().start().await.unwrap();
    assert_bad(&app, &mut ada, &stranger.sign(&header, &claims), "under the honest kid").await;
    let [of_stranger, _] = decoded(&stranger.mint_logout_token(&of_ada()));
    assert_bad(&app, &mut ada, &stranger.sign(&of_stranger, &claims), "under its own kid").await;
    let honest = app.op.sign(&header, &claims);
    let (input, signature) = honest.rsplit_once('.').unwrap();
    let bent = [input.to_owned(), format!("{input}."), format!("{input}.{}", &signature[2..])];
    for token in bent {
        assert_bad(&app, &mut ada, &token, "cut").await;
    }
    assert_ends_the_session(&app, &mut ada, &of_ada()).await;
}

#[tokio::test]
async fn flood_of_unknown_kids() {
    let (app, mut ada) = shop().await;
    let before = app.op.calls(Endpoint::Jwks);
    for number in 0..50 {
        let token = app.op.mint_logout_token(&of_ada().with_header("kid", format!("unknown-{number}")));
        assert_bad(&app, &mut ada, &token, "a kid of no key").await;
    }
    assert!(app.op.calls(Endpoint::Jwks) <= before + 1, "{} fetches", app.op.calls(Endpoint::Jwks) - before);
    assert_ends_the_session(&app, &mut ada, &of_ada()).await;
}

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
