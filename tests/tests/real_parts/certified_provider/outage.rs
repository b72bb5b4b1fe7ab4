//! A provider that is killed while people are logged in.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;

use crate::app::App;
use crate::node::{ACCESS_TOKEN_LIFETIME, BASIC};
use crate::person::Person;

#[tokio::test]
async fn a_killed_provider_ends_no_session() {
    let mut app = App::start(BASIC).await;
    let (person, _) = app.log_in("ada").await;
    app.provider.kill().await;

    let living = person.call(&app.url("/products")).await;
    assert_eq!(living.status, StatusCode::OK, "a living token needs no provider");

    app.let_access_tokens_expire();
    for answer in person.call_at_once(20, &app.url("/products")).await {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        let wait: u64 = answer.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "Retry-After: {wait}");
        assert_eq!(answer.json()["status"], 503);
    }
    assert!(person.has_cookie("auth_session"), "the session was dropped");
    assert_eq!(person.call(&app.url("/auth/profile")).await.json()["sub"], "ada");
}

#[tokio::test]
async fn a_token_that_is_about_to_expire_is_served_while_the_provider_is_down() {
    let mut app = App::start(BASIC).await;
    let (person, _) = app.log_in("ada").await;
    let before = person.call(&app.url("/products")).await.json();
    app.provider.kill().await;
    // Within the refresh buffer of 60 seconds.
    app.clock.advance(ACCESS_TOKEN_LIFETIME - Duration::from_secs(30));
    for answer in person.call_at_once(20, &app.url("/products")).await {
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json()["fingerprint"], before["fingerprint"]);
    }
    let forced = person.call(&app.url("/forced")).await;
    assert_eq!(forced.status, StatusCode::BAD_GATEWAY, "a new token was asked for, and there is none");
    assert!(person.has_cookie("auth_session"));
}

#[tokio::test]
async fn logout_works_while_the_provider_is_down() {
    let mut app = App::start(BASIC).await;
    let (person, _) = app.log_in("ada").await;
    app.provider.kill().await;
    let answer = person.call(&app.url("/auth/logout")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(!person.has_cookie("auth_session"));
    assert_eq!(person.call(&app.url("/auth/profile")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_application_outlives_a_provider_that_dies_before_the_first_login() {
    let mut app = App::start(BASIC).await;
    let person = Person::new();
    app.provider.kill().await;
    // Its metadata is known, so the browser is sent there; nothing here fails but the provider.
    let answer = person.call(&app.url("/auth/login")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(person.open(&app.url("/")).await.body, "nobody");
}
