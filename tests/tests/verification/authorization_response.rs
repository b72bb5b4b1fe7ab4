//! Attacks on the authorization response (RFC 9700 §4.4, §4.5, §4.7, RFC 9207).

use std::time::Duration;

use auth_layer::flow::LoginErrorKind;
use auth_layer::testing::{Endpoint, Fault, User};

use crate::support::{App, Browser, Page};

/// Opens a callback that must be refused before the token endpoint is asked.
async fn refused(app: &App, browser: &mut Browser, callback: &str) -> LoginErrorKind {
    let calls = app.op.calls(Endpoint::Token);
    let page = browser.get(callback).await;
    assert_eq!((page.status, page.begins_session()), (400, false), "{callback}: {page:?}");
    assert_eq!(app.op.calls(Endpoint::Token), calls, "the code was posted: {callback}");
    assert_eq!(browser.who().await, "nobody");
    page.login_error.unwrap()
}

/// Replaces one parameter of a callback; an empty value removes it.
fn with(callback: &str, name: &str, value: &str) -> String {
    let (path, query) = callback.split_once('?').unwrap();
    let kept = url::form_urlencoded::parse(query.as_bytes()).into_owned().filter(|(held, _)| held != name);
    let new = (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept.chain(new)).finish();
    format!("{path}?{query}")
}

#[tokio::test]
async fn state_of_another_browser() {
    let app = App::start().await;
    let (mut attacker, mut victim) = (app.browser(), app.browser());
    let callback = attacker.log_in_up_to_callback(&User::bob()).await;
    // The victim has a login of its own under way, so that there is a cookie to be fooled with.
    victim.begin_login().await;
    assert_eq!(refused(&app, &mut victim, &callback).await, LoginErrorKind::State);
    assert!(attacker.get(&callback).await.begins_session(), "where it began it works");
}

#[tokio::test]
async fn state_of_another_browser_at_a_victim_who_is_logged_in() {
    let app = App::start().await;
    let callback = app.browser().log_in_up_to_callback(&User::bob()).await;
    let mut victim = app.browser().logged_in(&User::ada()).await;
    let page = victim.get(&callback).await;
    assert_eq!((page.status, page.location()), (303, "https://shop.example/"));
    assert_eq!(victim.who().await, "local|ada", "whoever was logged in stays");
    assert_eq!(app.op.token_calls("authorization_code"), 1);
}

#[tokio::test]
async fn state_missing_or_wrong() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    for state in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "\u{0}", "../../etc", "%00"] {
        let callback = with(&callback, "state", state);
        assert_eq!(refused(&app, &mut browser, &callback).await, LoginErrorKind::State, "{state:?}");
    }
    assert!(browser.get(&callback).await.begins_session(), "the honest one still works");
}

#[tokio::test]
async fn issuer_absent_or_of_another_provider() {
    for issuer in ["", "https://evil.example", "HTTP", "slash"] {
        let app = App::start().await;
        let mut browser = app.browser();
        let callback = browser.log_in_up_to_callback(&User::ada()).await;
        let issuer = match issuer {
            "slash" => format!("{}/", app.op.issuer()),
            "HTTP" => app.op.issuer().replace("http:", "HTTP:"),
            other => other.to_owned(),
        };
        let callback = with(&callback, "iss", &issuer);
        assert_eq!(refused(&app, &mut browser, &callback).await, LoginErrorKind::Issuer, "{issuer:?}");
    }
}

#[tokio::test]
async fn code_of_another_provider() {
    let (one, other) = (App::start().await, App::start().await);
    // Two applications of one company share keys and names; the browser logs in at the first.
    let mut browser = one.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let mut there = browser.at(&other);
    assert_eq!(refused(&other, &mut there, &callback).await, LoginErrorKind::State);
    // Mix-up: a code of the first provider comes under a login of the second.
    let request = there.begin_login().await;
    let state = &crate::support::query(&request)["state"];
    let mixed = with(&callback, "state", state);
    assert_eq!(refused(&other, &mut there, &mixed).await, LoginErrorKind::Issuer);
    assert_eq!(other.op.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn parameter_twice() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    for again in ["code=other", "state=other", "iss=https://evil.example", "error=a&error=b"] {
        let callback = format!("{callback}&{again}");
        assert_eq!(refused(&app, &mut browser, &callback).await, LoginErrorKind::Malformed, "{again}");
    }
}

#[tokio::test]
async fn code_absent_or_empty() {
    let app = App::start().await;
    for empty in [false, true] {
        let mut browser = app.browser();
        let callback = browser.log_in_up_to_callback(&User::ada()).await;
        let mut callback = with(&callback, "code", "");
        if empty {
            callback.push_str("&code=");
        }
        assert_eq!(refused(&app, &mut browser, &callback).await, LoginErrorKind::Malformed);
    }
}

#[tokio::test]
async fn query_of_a_megabyte() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    // As large as an `http::Uri` may be.
    let callback = format!("{callback}&x={}", "a".repeat(60_000));
    assert_eq!(refused(&app, &mut browser, &callback).await, LoginErrorKind::Malformed);
}

#[tokio::test]
async fn code_replayed_by_reload() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let mut stale = browser.clone();
    assert!(browser.get(&callback).await.begins_session());
    // Back button: the browser is sent on, and stays logged in.
    let page = browser.get(&callback).await;
    assert_eq!((page.status, page.location()), (303, "https://shop.example/"));
    assert_eq!(browser.who().await, "local|ada");
    // Double click: the second request left before the first answer came.
    assert_eq!(stale.get(&callback).await.status, 303);
    assert_eq!(stale.who().await, "local|ada");
    assert_eq!(app.op.token_calls("authorization_code"), 1, "one call for one code");
    assert_eq!(app.op.log_count("feacft"), 0);
}

#[tokio::test]
async fn code_replayed_in_two_tabs_at_once() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let clicks = (0..20).map(|_| {
        let (mut tab, callback) = (browser.clone(), callback.clone());
        async move { (tab.get(&callback).await.status, tab.session_cookie()) }
    });
    let answers = futures_util::future::join_all(clicks).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "all get the same session");
    assert_eq!((answers[0].0, app.op.token_calls("authorization_code")), (303, 1));
}

#[tokio::test]
async fn code_injected_into_a_login_of_ones_own() {
    let app = App::start().await;
    let (mut attacker, mut victim) = (app.browser(), app.browser());
    let stolen = victim.log_in_up_to_callback(&User::ada()).await;
    let request = attacker.begin_login().await;
    // The attacker puts the victim's code behind its own state (RFC 9700 §4.5).
    let injected = with(&stolen, "state", &crate::support::query(&request)["state"]);
    let page = attacker.get(&injected).await;
    assert_eq!((page.status, page.begins_session()), (400, false));
    assert_eq!(page.login_error, Some(LoginErrorKind::Code), "PKCE: the verifier is another login's");
    assert_eq!(attacker.who().await, "nobody");
}

#[tokio::test]
async fn attempt_used_again_after_it_failed() {
    let app = App::start().await;
    let mut browser = app.browser();
    let request = browser.begin_login().await;
    let callback = app.op.browser().cancel(&request).await.unwrap();
    let (_, query) = callback.split_once('?').unwrap();
    let page = browser.get(&format!("/auth/callback?{query}")).await;
    assert_eq!(page.login_error, Some(LoginErrorKind::Provider("access_denied".into())));
    assert!(browser.login_cookies().is_empty(), "a state is used once, also where it failed");
    let callback = browser.authorize(&User::ada(), &request).await;
    assert_eq!(refused(&app, &mut browser, &callback).await, LoginErrorKind::State);
}

#[tokio::test]
async fn attempt_older_than_its_lifetime() {
    let app = App::start().await;
    let mut browser = app.browser();
    let request = browser.begin_login().await;
    app.pass(Duration::from_secs(600));
    let callback = browser.authorize(&User::ada(), &request).await;
    assert_eq!(refused(&app, &mut browser, &callback).await, LoginErrorKind::State);
}

async fn error_page(app: &App, error: &str) -> Page {
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let callback = with(&with(&callback, "code", ""), "error", error);
    browser.get(&with(&callback, "error_description", "<script>alert(2)</script>")).await
}

#[tokio::test]
async fn error_text_reflected_as_markup() {
    let app = App::start().await;
    let table = [
        ("<script>alert(1)</script>", "scriptalertscript"),
        ("\"><img src=x onerror=alert(1)>", "imgsrcxonerroralert"),
        ("access_denied\r\nSet-Cookie: a=b", "access_deniedetookieab"),
        ("javascript:alert(1)", "javascriptalert"),
        ("&lt;b&gt;", "ltbgt"),
    ];
    for (error, shown) in table {
        let page = error_page(&app, error).await;
        assert_eq!(page.login_error, Some(LoginErrorKind::Provider(shown.into())), "{error}");
        assert_eq!(page.status, 403);
        let text = page.everything();
        for markup in ["<script", "<img", "alert(", "onerror=", "javascript:", "&lt;", "set-cookie: a"] {
            assert!(!text.contains(markup), "{markup} of {error} in {text}");
        }
    }
    let long = error_page(&app, &"a".repeat(10_000)).await;
    assert!(long.body.len() < 1_000, "cut to 64 characters");
}

#[tokio::test]
async fn callback_page_kept_or_referred() {
    let app = App::start().await;
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let failed = app.browser().get(&callback).await;
    let done = browser.get(&callback).await;
    for page in [failed, done] {
        assert_eq!(page.header("cache-control"), "no-store, private");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        let code = &crate::support::query(&format!("https://shop.example{callback}"))["code"];
        assert!(!page.everything().contains(code), "the code goes nowhere");
    }
}

#[tokio::test]
async fn token_endpoint_away_in_the_middle_of_a_login() {
    let app = App::start().await;
    for fault in [Fault::Status(500), Fault::DropConnection, Fault::RetryAfter(429, Duration::from_secs(7))] {
        app.op.fault_times(Endpoint::Token, fault, 1);
        let mut browser = app.browser();
        let page = browser.log_in(&User::ada()).await;
        assert_eq!((page.status, page.begins_session()), (503, false), "{page:?}");
        assert!(!page.header("retry-after").is_empty());
        assert_eq!(browser.who().await, "nobody");
        assert!(browser.log_in(&User::ada()).await.begins_session(), "the next login works");
    }
}
