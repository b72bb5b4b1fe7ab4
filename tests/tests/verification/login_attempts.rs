//! Logins that are begun and abandoned, at once, or by someone else's page.

use std::time::Duration;

use auth_layer::testing::{Endpoint, User};

use crate::support::{App, KEY, OTHER_KEY, provider, query};

#[tokio::test]
async fn ten_thousand_logins_that_nobody_finishes() {
    let (app, store) = App::with_store().await;
    let mut patient = app.browser();
    let callback = patient.log_in_up_to_callback(&User::ada()).await;
    for _ in 0..10_000 {
        assert_eq!(app.browser().get("/auth/login").await.status, 303);
    }
    assert!(store.is_empty(), "nothing is kept on this side");
    assert_eq!((app.op.calls(Endpoint::Discovery), app.op.calls(Endpoint::Token)), (1, 0));
    assert!(patient.get(&callback).await.begins_session(), "a login under way still finishes");
}

#[tokio::test]
async fn abandoned_logins_fill_the_browser() {
    let app = App::start().await;
    let mut browser = app.browser();
    for _ in 0..50 {
        browser.begin_login().await;
        app.pass(Duration::from_millis(10));
        let bytes: usize = browser.login_cookies().iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!(bytes <= 4_096, "{bytes} bytes");
    }
    let attempts = browser.login_cookies().len();
    assert!(attempts >= 2, "{attempts}: two tabs fit");
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    assert!(browser.get(&callback).await.begins_session(), "the newest is kept");
}

#[tokio::test]
async fn two_tabs_in_any_order() {
    for order in [[0, 1], [1, 0]] {
        let app = App::start().await;
        let mut browser = app.browser();
        let first = browser.get("/auth/login?returnTo=/first").await.location().to_owned();
        app.pass(Duration::from_secs(1));
        let second = browser.get("/auth/login?returnTo=/second").await.location().to_owned();
        let callbacks =
            [browser.authorize(&User::ada(), &first).await, browser.authorize(&User::ada(), &second).await];
        for tab in order {
            let page = browser.get(&callbacks[tab]).await;
            let back = ["https://shop.example/first", "https://shop.example/second"][tab];
            assert_eq!((page.status, page.location()), (303, back), "tab {tab} of {order:?}");
            assert_eq!(browser.who().await, "local|ada");
        }
        assert!(browser.login_cookies().is_empty());
        assert_eq!(app.op.log_count("seacft"), 2);
    }
}

#[tokio::test]
async fn login_begun_by_a_prefetch() {
    let app = App::start().await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    for headers in [
        [("sec-purpose", "prefetch")],
        [("sec-purpose", "prefetch;prerender")],
        [("purpose", "prefetch")],
        [("x-moz", "prefetch")],
    ] {
        for route in ["/auth/login", "/auth/logout", "/auth/callback?code=x&state=y"] {
            let page = browser.get_with(route, &headers).await;
            assert_eq!((page.status, page.set_cookies().len()), (503, 0), "{route} {headers:?}");
        }
    }
    assert_eq!(browser.who().await, "local|ada", "a look ahead logs nobody out");
}

#[tokio::test]
async fn key_dropped_in_the_middle_of_a_login() {
    let op = provider(|builder| builder).await;
    let old = App::with_keys(&op, KEY, &[]).await;
    let new = App::with_keys(&op, OTHER_KEY, &[]).await;
    let rolled = App::with_keys(&op, OTHER_KEY, &[KEY]).await;
    let mut browser = old.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let mut at_new = browser.at(&new);
    let page = at_new.get(&callback).await;
    assert_eq!((page.status, page.begins_session()), (400, false));
    assert!(page.body.contains("href=\"/auth/login"), "the page leads to a new login");
    assert!(at_new.log_in(&User::ada()).await.begins_session(), "which works, beside the old cookie");
    assert!(browser.at(&rolled).get(&callback).await.begins_session(), "a key that was kept still opens it");
}

#[tokio::test]
async fn attempt_bent_or_under_another_name() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let other = {
        let mut other = app.browser();
        other.begin_login().await;
        other.login_cookies().remove(0)
    };
    let (name, value) = browser.login_cookies().remove(0);
    let bent = format!("{}{}", &value[..value.len() - 1], if value.ends_with('A') { 'B' } else { 'A' });
    for (attack, value) in [
        ("bent", bent),
        ("cut", value[..value.len() / 2].to_owned()),
        ("empty", String::new()),
        ("of another login", other.1),
        ("64 KiB", "A".repeat(60_000)),
    ] {
        let mut thief = app.browser();
        thief.cookies.insert(name.clone(), value);
        let page = thief.get(&callback).await;
        assert_eq!((page.status, page.begins_session()), (400, false), "{attack}");
    }
    assert_eq!(app.op.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn attempt_tells_what_it_holds() {
    let app = App::start().await;
    let mut browser = app.browser();
    let request = query(&browser.begin_login().await);
    let (name, value) = browser.login_cookies().remove(0);
    for name_of_secret in ["state", "nonce"] {
        assert!(!name.contains(&request[name_of_secret]) && !value.contains(&request[name_of_secret]));
    }
}

#[tokio::test]
async fn login_started_by_another_site() {
    let app = App::start().await;
    let cross =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let mut victim = app.browser().logged_in(&User::ada()).await;
    let before = victim.session_cookie();
    // A link to the login is no attack while it changes nothing: the session stays, the cap holds.
    for _ in 0..30 {
        assert_eq!(victim.get_with("/auth/login?returnTo=//evil.example", &cross).await.status, 303);
    }
    assert_eq!((victim.session_cookie(), victim.who().await), (before, "local|ada".to_owned()));
}
