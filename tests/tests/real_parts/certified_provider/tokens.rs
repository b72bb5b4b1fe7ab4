//! Access tokens of a session at a provider whose refresh tokens are spent once.

use std::collections::HashSet;

use http::StatusCode;
use http::header::WWW_AUTHENTICATE;

use crate::app::{App, BILLING, PRODUCTS};
use crate::node::{BASIC, CLIENTS, POST};

#[tokio::test]
async fn fifty_requests_with_one_expired_token_spend_one_refresh_token() {
    for client in CLIENTS {
        let app = App::start(client).await;
        let (person, _) = app.log_in("ada").await;
        let before = person.call(&app.url("/products")).await.json();
        app.let_access_tokens_expire();

        let answers = person.call_at_once(50, &app.url("/products")).await;

        let all_ok = answers.iter().all(|answer| answer.status == StatusCode::OK);
        assert!(all_ok, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        let seen: HashSet<_> =
            answers.iter().map(|answer| answer.json()["fingerprint"].to_string()).collect();
        assert_eq!(seen.len(), 1, "all see the same token");
        assert!(!seen.contains(&before["fingerprint"].to_string()), "and it is a new one");
        assert_eq!(app.provider.count("refresh_token").await, 1, "{}", client.method);
        assert_eq!(app.provider.count("refused").await, 0, "{}", client.method);
        assert_eq!(app.auth.ledger().report().count("sertft"), 1);
    }
}

#[tokio::test]
async fn ten_expiries_in_a_row_spend_a_chain_of_ten_refresh_tokens() {
    let app = App::start(BASIC).await;
    let (person, _) = app.log_in("ada").await;
    for expiry in 1..=10 {
        app.let_access_tokens_expire();
        let answers = person.call_at_once(5, &app.url("/products")).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::OK), "expiry {expiry}");
        assert_eq!(app.provider.count("refresh_token").await, expiry);
    }
    assert_eq!(app.provider.count("refused").await, 0);
    assert_eq!(app.provider.issued_refresh_tokens().await.len(), 11);
}

#[tokio::test]
async fn one_refresh_token_brings_tokens_for_two_apis() {
    let app = App::start_with(BASIC, |config| config.with_audience(PRODUCTS).add_audience(BILLING)).await;
    let (person, _) = app.log_in("ada").await;

    let billing = person.call(&app.url("/billing")).await.json();
    assert_eq!((&billing["claims"]["aud"], &billing["audience"]), (&BILLING.into(), &BILLING.into()));
    assert_eq!(billing["scopes"], "read:invoices");
    let products = person.call(&app.url("/products")).await.json();
    assert_eq!((&products["claims"]["aud"], &products["audience"]), (&PRODUCTS.into(), &PRODUCTS.into()));
    assert_eq!(products["scopes"], "read:products write:products");
    let again = person.call(&app.url("/billing")).await.json();
    assert_eq!(again["fingerprint"], billing["fingerprint"], "the session keeps both");
    assert_eq!(app.provider.count("refresh_token").await, 1);
}

#[tokio::test]
async fn an_api_that_was_not_asked_for_at_login_is_refused_and_the_session_stays() {
    let app = App::start(BASIC).await;
    let (person, _) = app.log_in("ada").await;
    let refused = person.call(&app.url("/billing")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("no token for this audience"), "{}", refused.body);
    assert_eq!(person.call(&app.url("/products")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_scope_that_was_not_granted_is_named_in_the_refusal() {
    let app = App::start_with(BASIC, |config| {
        config.with_audience(PRODUCTS).with_scopes("openid offline_access read:products")
    })
    .await;
    let (person, _) = app.log_in("ada").await;
    let products = person.call(&app.url("/products")).await;
    assert_eq!((products.status, &products.json()["scopes"]), (StatusCode::OK, &"read:products".into()));
    let refused = person.call(&app.url("/stock")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json()["missing_scopes"], serde_json::json!(["write:products"]));
    let challenge = refused.headers[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains("insufficient_scope"), "{challenge}");
    // A refresh narrows or widens nothing.
    app.let_access_tokens_expire();
    assert_eq!(person.call(&app.url("/stock")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(person.call(&app.url("/products")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_forced_refresh_brings_a_new_token_though_the_old_one_lives() {
    let app = App::start(BASIC).await;
    let (person, _) = app.log_in("ada").await;
    let before = person.call(&app.url("/products")).await.json();
    let forced = person.call(&app.url("/forced")).await.json();
    let after = person.call(&app.url("/products")).await.json();
    assert_ne!(before["fingerprint"], forced["fingerprint"]);
    assert_eq!(forced["fingerprint"], after["fingerprint"]);
    assert_eq!(app.provider.count("refresh_token").await, 1);
}

#[tokio::test]
async fn a_refresh_token_that_a_thief_has_spent_again_ends_the_session() {
    let app = App::start(POST).await;
    let (person, _) = app.log_in("ada").await;
    let stolen = app.provider.issued_refresh_tokens().await.remove(0);
    app.let_access_tokens_expire();
    assert_eq!(person.call(&app.url("/products")).await.status, StatusCode::OK);

    assert_eq!(app.provider.spend(&stolen).await.as_deref(), Some("invalid_grant"));
    app.let_access_tokens_expire();

    let ended = person.call(&app.url("/products")).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    assert!(!person.has_cookie("auth_session"), "the browser still has a session");
    assert_eq!(person.call(&app.url("/auth/profile")).await.status, StatusCode::UNAUTHORIZED);
}
