//! Refreshes that are answered with another's token, or stolen (RFC 9700 §4.14, OpenID Connect Core §12.2).

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, User};
use serde_json::{Value, json};

use crate::support::{App, Browser, decoded};

/// A session whose access token has expired.
async fn expired(app: &App, user: &User) -> Browser {
    let browser = app.browser().logged_in(user).await;
    app.pass(Duration::from_secs(3_601));
    browser
}

fn bend(app: &App, change: impl Fn(&mut Value) + Send + Sync + 'static) {
    app.op.fault_times(Endpoint::Token, Fault::rewrite(change), 1);
}

#[tokio::test]
async fn id_token_of_another_subject() {
    let app = App::start().await;
    let mut browser = expired(&app, &User::ada()).await;
    let op = app.op.clone();
    bend(&app, move |answer| {
        let [header, mut claims] = decoded(answer["id_token"].as_str().unwrap());
        claims["sub"] = json!("local|bob");
        answer["id_token"] = json!(op.sign(&header, &claims));
    });
    let page = browser.get("/token").await;
    assert_eq!(page.status, 401, "nobody is given bob's token");
    assert!(page.deletes("__Host-auth_session"));
    assert_eq!(browser.who().await, "nobody");
}

#[tokio::test]
async fn two_users_at_the_same_instant() {
    let app = App::start().await;
    let (ada, bob) =
        (app.browser().logged_in(&User::ada()).await, app.browser().logged_in(&User::bob()).await);
    app.pass(Duration::from_secs(3_601));
    let requests = (0..40).map(|index| {
        let (mut browser, subject) =
            if index % 2 == 0 { (ada.clone(), "local|ada") } else { (bob.clone(), "local|bob") };
        async move { (decoded(&browser.get("/token").await.body)[1]["sub"].clone(), subject) }
    });
    for (found, subject) in futures_util::future::join_all(requests).await {
        assert_eq!(found, subject);
    }
    assert_eq!(app.op.token_calls("refresh_token"), 2);
}

#[tokio::test]
async fn cookie_from_before_a_refresh_replayed() {
    let app = App::start().await;
    let mut browser = expired(&app, &User::ada()).await;
    let mut late = browser.clone();
    let fresh = browser.get("/token").await;
    assert!(fresh.begins_session(), "the new refresh token leaves with the response");
    assert_eq!(browser.get("/token").await.body, fresh.body);
    assert_eq!(late.get("/token").await.body, fresh.body, "the settled result, and no second use");
    assert_eq!(app.op.token_calls("refresh_token"), 1);
    assert_eq!(app.op.log_count("ferrt"), 0, "strict rotation saw no reuse");
}

#[tokio::test]
async fn grant_that_is_dead_ends_that_session_alone() {
    let app = App::start().await;
    let mut ada = app.browser().logged_in(&User::ada()).await;
    let mut bob = expired(&app, &User::bob()).await;
    app.op.revoke_grants(&User::ada());
    let page = ada.get("/scopes").await;
    assert_eq!(page.status, 401);
    assert!(page.deletes("__Host-auth_session"));
    assert_eq!(bob.get("/scopes").await.status, 200);
    assert_eq!(app.op.token_calls("refresh_token"), 2, "one call each");
}

#[tokio::test]
async fn error_that_is_not_final_taken_for_final() {
    for fault in [
        Fault::Status(500),
        Fault::RetryAfter(429, Duration::from_secs(3)),
        Fault::Error(401, "invalid_client".into()),
        Fault::Error(400, "temporarily_unavailable".into()),
        Fault::Error(500, "invalid_grant".into()),
        Fault::garbage(r#"{"error":"invalid_grant"}"#, "application/json"),
        Fault::garbage("<p>captive portal", "text/html"),
        Fault::rewrite(|answer| answer["token_type"] = json!("mac")),
        Fault::DropConnection,
    ] {
        let app = App::start().await;
        let mut browser = expired(&app, &User::ada()).await;
        app.op.fault_times(Endpoint::Token, fault.clone(), 1);
        let page = browser.get("/scopes").await;
        assert_eq!(page.status, 503, "{fault:?}: {page:?}");
        assert!(!page.header("retry-after").is_empty(), "{fault:?}");
        assert_eq!(browser.who().await, "local|ada", "{fault:?}: the session lives");
    }
}

#[tokio::test]
async fn scope_narrowed_by_a_refresh() {
    let app = App::start().await;
    let mut browser = expired(&app, &User::ada()).await;
    bend(&app, |answer| answer["scope"] = json!("openid"));
    assert_eq!(browser.get("/scopes").await.body, "openid", "what was taken away is gone");
    app.pass(Duration::from_secs(3_601));
    bend(&app, |answer| drop(answer.as_object_mut().unwrap().remove("scope")));
    assert_eq!(browser.get("/scopes").await.body, "openid", "absent is as before, not as first asked");
}

#[tokio::test]
async fn access_token_handed_to_the_browser() {
    let closed = App::start().await;
    let mut browser = closed.browser().logged_in(&User::ada()).await;
    assert_eq!(browser.get("/auth/access-token").await.status, 404, "off unless asked for");
    let open = App::with(|config| config.with_access_token_path("/auth/access-token")).await;
    let mut browser = open.browser().logged_in(&User::ada()).await;
    let page = browser.get("/auth/access-token").await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store, private"));
    assert!(!page.headers.contains_key("access-control-allow-origin"));
    let stranger = [("accept", "text/html")];
    let page = open.browser().get_with("/auth/access-token", &stranger).await;
    assert!(page.status == 401 || page.status == 303);
}
