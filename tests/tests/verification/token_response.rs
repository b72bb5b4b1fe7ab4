//! Token and userinfo answers that lie (RFC 6749 §5.1, OpenID Connect Core §5.3.2).

use std::time::{Duration, Instant};

use auth_layer::config::UserInfo;
use auth_layer::flow::LoginErrorKind;
use auth_layer::testing::{Endpoint, Fault, User};
use serde_json::{Value, json};

use crate::support::{App, StrangeServer, provider};

#[tokio::test]
async fn token_of_another_type() {
    let app = App::start().await;
    for kind in
        [json!("mac"), json!("DPoP"), json!("N_A"), json!(""), json!(7), Value::Null, json!(["Bearer"])]
    {
        let name = kind.to_string();
        let page = app.log_in_with_answer(move |answer| answer["token_type"] = kind.clone()).await;
        assert!(!page.begins_session(), "{name}");
    }
    let page = app.log_in_with_answer(|answer| answer["token_type"] = json!("bEARER")).await;
    assert!(page.begins_session(), "it is case-insensitive (RFC 6749 §5.1)");
}

#[tokio::test]
async fn access_token_that_breaks_a_header() {
    let app = App::start().await;
    for token in ["a\r\nX-Injected: 1", "a\nb", "a b", "a\u{0}", "a\tb", "\u{e9}", "\u{7f}", ""] {
        let page = app.log_in_with_answer(move |answer| answer["access_token"] = json!(token)).await;
        assert!(!page.begins_session(), "{token:?}");
        assert!(page.headers.get("x-injected").is_none());
    }
    for token in [json!(7), Value::Null, json!({}), json!("a".repeat(16 * 1024 + 1))] {
        let page = app.log_in_with_answer(move |answer| answer["access_token"] = token.clone()).await;
        assert!(!page.begins_session());
    }
}

#[tokio::test]
async fn answer_that_is_no_token_answer() {
    let app = App::start().await;
    let twice = r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#;
    for body in
        ["<!doctype html><p>Sign in", "", "null", "[]", "{}", "{", r#"{"error":"invalid_grant"}"#, twice]
    {
        app.op.fault_times(Endpoint::Token, Fault::garbage(body, "text/html"), 1);
        let mut browser = app.browser();
        let page = browser.log_in(&User::ada()).await;
        assert_eq!((page.status, page.begins_session()), (503, false), "{body}");
        assert!(!page.body.contains("Sign in"), "nothing of the answer is shown");
    }
}

#[tokio::test]
async fn answer_of_two_megabytes_or_without_end() {
    let app = App::start().await;
    app.op.fault_times(Endpoint::Token, Fault::garbage(" ".repeat(2_000_000), "application/json"), 1);
    assert_eq!(app.browser().log_in(&User::ada()).await.status, 503);

    let flood = StrangeServer::flood(100).await;
    let op = provider(|builder| builder).await;
    let url = flood.url.clone();
    op.fault(Endpoint::Discovery, Fault::rewrite(move |metadata| metadata["token_endpoint"] = json!(url)));
    let app = App::over(&op, |config| config).await;
    assert_eq!(app.browser().log_in(&User::ada()).await.status, 503);
    assert!(flood.sent() < 20, "{} MiB were taken", flood.sent());
}

#[tokio::test]
async fn credentials_follow_a_redirect() {
    let thief = StrangeServer::start(|| axum::response::Response::new("{}".into())).await;
    for status in [301, 302, 303, 307, 308] {
        let location = thief.url.clone();
        let redirecting = StrangeServer::start(move || {
            let answer = http::Response::builder().status(status).header("location", &location);
            answer.body(axum::body::Body::empty()).unwrap()
        })
        .await;
        let op = provider(|builder| builder).await;
        let url = redirecting.url.clone();
        op.fault(
            Endpoint::Discovery,
            Fault::rewrite(move |metadata| metadata["token_endpoint"] = json!(url)),
        );
        let app = App::over(&op, |config| config).await;
        assert_eq!(app.browser().log_in(&User::ada()).await.status, 503);
        assert_eq!((redirecting.calls(), thief.calls()), (1, 0), "{status}");
    }
}

#[tokio::test]
async fn lifetime_negative_or_beyond_measure() {
    let app = App::start().await;
    for (value, good) in [
        (json!(3_600), true),
        (json!("3600"), true),
        (Value::Null, true),
        (json!(u64::MAX), true),
        (json!(-1), false),
        (json!("-1"), false),
        (json!("soon"), false),
        (json!(1e300), false),
        (json!([3_600]), false),
    ] {
        let name = value.to_string();
        let page = app.log_in_with_answer(move |answer| answer["expires_in"] = value.clone()).await;
        assert_eq!(page.begins_session(), good, "expires_in {name}");
    }
}

#[tokio::test]
async fn scope_narrowed_emptied_or_left_out() {
    let app = App::start().await;
    let asked = "email offline_access openid profile read:products";
    for (scope, granted) in
        [(json!("read:products"), "read:products"), (json!(""), ""), (json!(" "), ""), (Value::Null, asked)]
    {
        let answer = scope.clone();
        app.op.fault_times(
            Endpoint::Token,
            Fault::rewrite(move |body| match &answer {
                Value::Null => drop(body.as_object_mut().unwrap().remove("scope")),
                scope => body["scope"] = scope.clone(),
            }),
            1,
        );
        let mut browser = app.browser();
        assert!(browser.log_in(&User::ada()).await.begins_session());
        assert_eq!(browser.get("/scopes").await.body, granted, "scope {scope}");
    }
}

#[tokio::test]
async fn userinfo_of_another_subject() {
    let fetch = || App::with(|config| config.with_user_info(UserInfo::Fetch));
    for sub in [json!("local|bob"), json!(""), json!(["local|ada"]), Value::Null] {
        let app = fetch().await;
        app.op.fault(Endpoint::UserInfo, Fault::rewrite(move |claims| claims["sub"] = sub.clone()));
        let mut browser = app.browser();
        let page = browser.log_in(&User::ada()).await;
        assert_eq!((page.login_error, browser.who().await), (Some(LoginErrorKind::IdToken), "nobody".into()));
    }
    let app = fetch().await;
    let bob = r#"{"sub":"local|bob","sub":"local|ada"}"#;
    for body in ["<p>", "[]", bob] {
        app.op.fault_times(Endpoint::UserInfo, Fault::garbage(body, "application/json"), 1);
        assert!(!app.browser().log_in(&User::ada()).await.begins_session(), "{body}");
    }
    app.op.fault_times(Endpoint::UserInfo, Fault::garbage("e30.e30.", "application/jwt"), 1);
    assert!(!app.browser().log_in(&User::ada()).await.begins_session());
    assert!(app.browser().log_in(&User::ada()).await.begins_session());
}

#[tokio::test]
async fn userinfo_names_claims_of_the_protocol() {
    let app = App::with(|config| config.with_user_info(UserInfo::Fetch)).await;
    app.op.fault(
        Endpoint::UserInfo,
        Fault::rewrite(|claims| {
            claims["iss"] = json!("https://evil.example");
            claims["nonce"] = json!("n");
            claims["nickname"] = json!("countess");
        }),
    );
    let mut browser = app.browser().logged_in(&User::ada()).await;
    let claims: Value = serde_json::from_str(&browser.get("/claims").await.body).unwrap();
    assert_eq!(claims["nickname"], "countess");
    assert!(claims.get("iss").is_none() && claims.get("nonce").is_none(), "{claims}");
}

#[tokio::test]
async fn session_too_large_for_its_cookies() {
    let app = App::start().await;
    let page = app.log_in_with_answer(|answer| answer["refresh_token"] = json!("a".repeat(15_000))).await;
    assert_eq!((page.status, page.login_error.clone()), (500, Some(LoginErrorKind::SessionTooLarge)));
    assert!(!page.begins_session(), "never half a session");
    assert!(page.set_cookies().iter().all(|cookie| cookie.contains("Max-Age=0")), "{page:?}");
}

#[tokio::test]
async fn provider_that_answers_nothing() {
    let app = App::with(|config| config.with_timeout(Duration::from_secs(1))).await;
    app.op.fault_times(Endpoint::Token, Fault::HoldUntilReleased, 1);
    let began = Instant::now();
    assert_eq!(app.browser().log_in(&User::ada()).await.status, 503);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    app.op.release();
}
