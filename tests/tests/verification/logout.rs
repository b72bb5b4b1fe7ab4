//! What is left of a session after logout (OWASP session management, RP-Initiated Logout 1.0).

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, User};

use crate::support::{App, BASE_URL, query};

#[tokio::test]
async fn old_cookie_replayed_after_logout() {
    let cookies = App::start().await;
    let (stored, store) = App::with_store().await;
    for app in [cookies, stored] {
        let mut browser = app.browser().logged_in(&User::ada()).await;
        let mut thief = browser.clone();
        let page = browser.get("/auth/logout").await;
        assert_eq!(page.status, 303);
        assert!(page.deletes("__Host-auth_session"));
        assert_eq!(page.header("cache-control"), "no-store, private");
        assert_eq!(browser.cookies.len(), 0);
        assert_eq!(thief.get("/me").await.status, 401, "a copy of the cookie is dead");
        assert_eq!(thief.who().await, "nobody");
        assert_eq!(app.op.calls(Endpoint::Revocation), 1, "and so is the refresh token");
    }
    assert!(store.is_empty(), "the record is destroyed");
}

#[tokio::test]
async fn session_that_comes_back_with_a_late_response() {
    let app = App::start().await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    app.pass(Duration::from_secs(3_700));
    app.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let mut slow = browser.clone();
    let (late, ()) = tokio::join!(slow.get("/scopes"), async {
        app.op.wait_until_held(1).await;
        browser.get("/auth/logout").await;
        app.op.release();
    });
    assert!(!late.begins_session(), "{late:?}");
    assert_eq!(slow.get("/me").await.status, 401);
}

#[tokio::test]
async fn provider_that_keeps_the_session_alive() {
    for fault in [Fault::Status(500), Fault::DropConnection, Fault::garbage("<p>", "text/html")] {
        let app = App::start().await;
        let mut browser = app.browser().logged_in(&User::ada()).await;
        let mut thief = browser.clone();
        app.op.fault(Endpoint::Revocation, fault);
        let page = browser.get("/auth/logout").await;
        assert!(page.status == 303 && page.deletes("__Host-auth_session"));
        assert_eq!(thief.who().await, "nobody");
    }
    let app = App::start().await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    app.op.stop().await;
    assert!(browser.get("/auth/logout").await.deletes("__Host-auth_session"), "nor one that is down");
}

#[tokio::test]
async fn logout_of_a_stranger_or_of_broken_cookies() {
    let app = App::start().await;
    for cookie in ["", "x", "3.AAAA"] {
        let mut browser = app.browser();
        browser.cookies.insert("__Host-auth_session".into(), cookie.into());
        browser.cookies.insert("__Host-auth_session.1".into(), cookie.into());
        let page = browser.get("/auth/logout").await;
        assert_eq!((page.status, page.location()), (303, "https://shop.example/"));
        assert!(browser.cookies.is_empty(), "every part is cleared: {:?}", browser.cookies);
    }
    assert_eq!(app.op.calls(Endpoint::Revocation), 0);
}

#[tokio::test]
async fn session_at_the_provider_left_behind() {
    let app = App::start().await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    let page = browser.get("/auth/logout").await;
    let request = query(page.location());
    assert!(page.location().starts_with(&app.op.url(Endpoint::EndSession)));
    assert_eq!(request["post_logout_redirect_uri"], format!("{BASE_URL}/"));
    assert_eq!(request["client_id"], "shop");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn session_of_another_user_ended_with_it() {
    let app = App::start().await;
    let mut ada = app.browser().logged_in(&User::ada()).await;
    let mut phone = app.browser().logged_in(&User::ada()).await;
    let mut bob = app.browser().logged_in(&User::bob()).await;
    ada.get("/auth/logout").await;
    assert_eq!((phone.who().await, bob.who().await), ("local|ada".into(), "local|bob".into()));
}

#[tokio::test]
async fn callback_replayed_after_logout() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let mut thief = browser.clone();
    assert!(browser.get(&callback).await.begins_session());
    browser.get("/auth/logout").await;
    // The copy still has the attempt's cookie, and is answered as a double click would be.
    thief.get(&callback).await;
    assert_eq!(thief.who().await, "nobody", "but the session it gets is over");
    assert_eq!(app.op.token_calls("authorization_code"), 1);
}

#[tokio::test]
async fn late_response_that_ends_the_next_login() {
    let app = App::start().await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    app.pass(Duration::from_secs(3_700));
    app.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let mut slow = browser.clone();
    let (late, ()) = tokio::join!(slow.get("/scopes"), async {
        app.op.wait_until_held(1).await;
        browser.get("/auth/logout").await;
        assert!(browser.log_in(&User::bob()).await.begins_session());
        app.op.release();
    });
    assert_eq!(late.status, 401);
    assert!(late.set_cookies().is_empty(), "these cookies are bob's by now: {late:?}");
}
