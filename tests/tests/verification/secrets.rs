//! Secrets that show: in answers, logs, errors and `Debug` (RFC 9700 §4.2, OWASP logging).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_layer::config::{ClientAuthentication, UserInfo};
use auth_layer::testing::{Endpoint, Fault, User};
use auth_layer::{AccessToken, AuthConfig, Secret, Session};
use serde_json::Value;
use tests::Listener;

use crate::support::{API, App, Browser, KEY, OTHER_KEY, Page, query};

/// What must never be seen, and its name.
#[derive(Clone, Default)]
struct Hidden(Arc<Mutex<BTreeMap<String, String>>>);

impl Hidden {
    fn add(&self, name: &str, value: &str) {
        assert!(value.len() >= 8, "{name} is too short to be looked for");
        self.0.lock().unwrap().insert(value.to_owned(), name.to_owned());
    }

    #[track_caller]
    fn assert_absent(&self, text: &str, place: &str) {
        for (value, name) in self.0.lock().unwrap().iter() {
            assert!(!text.contains(value.as_str()), "{name} shows in {place}");
        }
    }
}

/// Listens to the token endpoint, so that a test knows what is secret.
fn spy(app: &App, hidden: &Hidden) {
    let hidden = hidden.clone();
    let listen = Fault::rewrite(move |answer: &mut Value| {
        for name in ["access_token", "refresh_token", "id_token"] {
            if let Some(token) = answer[name].as_str() {
                hidden.add(name, token);
            }
        }
    });
    app.op.fault(Endpoint::Token, listen);
}

/// Goes through login, use, refresh, every failure and logout; returns what the browser was shown.
async fn story(app: &App, hidden: &Hidden) -> Vec<Page> {
    spy(app, hidden);
    let mut pages = Vec::new();
    let mut browser = app.browser();
    let begun = browser.get("/auth/login?returnTo=/me").await;
    let request = begun.location().to_owned();
    note_cookies(&browser, hidden);
    let callback = browser.authorize(&User::ada(), &request).await;
    hidden.add("code", &query(&format!("https://shop.example{callback}"))["code"]);
    // The browser is told state and nonce: they are the URL's. They are nobody else's.
    pages.push(app.browser().get(&callback).await);
    pages.push(browser.get(&format!("{callback}&code=again")).await);
    pages.push(browser.get(&callback).await);
    note_cookies(&browser, hidden);
    for target in ["/", "/me", "/scopes", "/claims", "/careless", "/auth/profile", &callback] {
        pages.push(browser.get(target).await);
    }
    app.pass(Duration::from_secs(3_601));
    app.op.fault_times(Endpoint::Token, Fault::Status(500), 1);
    pages.push(browser.get("/scopes").await);
    app.pass(Duration::from_secs(120));
    pages.push(browser.get("/scopes").await);
    note_cookies(&browser, hidden);
    pages.push(browser.post_with("/orders", &[("sec-fetch-site", "cross-site")]).await);
    app.pass(Duration::from_secs(3_601));
    app.op.fault_times(Endpoint::Token, Fault::Error(400, "invalid_grant".into()), 1);
    pages.push(browser.get("/scopes").await);
    for fault in [Fault::garbage("{\"access_token\":7}", "application/json"), Fault::DropResponse] {
        app.op.fault_times(Endpoint::Token, fault, 1);
        pages.push(app.browser().log_in(&User::bob()).await);
    }
    pages
}

fn note_cookies(browser: &Browser, hidden: &Hidden) {
    for (name, value) in browser.cookies.iter().filter(|(name, _)| name.starts_with("__Host-")) {
        hidden.add(name, value);
    }
}

/// What is known before the story begins.
fn configured(app: &App) -> Hidden {
    let hidden = Hidden::default();
    hidden.add("client secret", &app.op.client_secret());
    hidden.add("session key", KEY);
    hidden.add("session key as bytes", &format!("{:?}", [1_u8; 32]));
    hidden
}

#[tokio::test]
async fn token_in_any_answer_to_the_browser() {
    let app = App::with(|config| config.with_user_info(UserInfo::Fetch)).await;
    let hidden = Hidden::default();
    let pages = story(&app, &hidden).await;
    let hidden = {
        // The cookies and the code are the browser's own; what the token endpoint said is not.
        let all = hidden.0.lock().unwrap().clone();
        let tokens = all.into_iter().filter(|(_, name)| name.ends_with("_token"));
        Hidden(Arc::new(Mutex::new(tokens.collect())))
    };
    assert!(hidden.0.lock().unwrap().len() >= 6);
    for page in &pages {
        hidden.assert_absent(&page.everything(), &format!("an answer with status {}", page.status));
    }
}

#[tokio::test]
async fn secret_in_the_log() {
    Listener::start();
    let app = App::with(|config| config.with_user_info(UserInfo::Fetch)).await;
    let hidden = configured(&app);
    story(&app, &hidden).await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    note_cookies(&browser, &hidden);
    app.op.fault(Endpoint::Revocation, Fault::Status(500));
    browser.get("/auth/logout").await;
    let text = Listener::stop();
    assert!(text.contains("auth_layer") && text.contains("token exchange"), "something was logged: {text}");
    hidden.assert_absent(&text, "the log");
    assert!(!text.contains("ada@example.com"), "nor who it was");
}

#[tokio::test]
async fn secret_in_debug() {
    let app = App::start().await;
    let hidden = configured(&app);
    story(&app, &hidden).await;
    let mut browser = app.browser();
    let request = browser.begin_login().await;
    hidden.add("state", &query(&request)["state"]);
    let callback = browser.authorize(&User::ada(), &request).await;
    let page = browser.get(&callback).await;
    note_cookies(&browser, &hidden);
    // The headers of an answer are what a request log shows with `Debug`.
    hidden.assert_absent(&format!("{:?}", page.headers), "Debug of the callback's headers");
    for (place, text) in [
        ("Auth", format!("{:?}", app.auth)),
        ("Auth, pretty", format!("{:#?}", app.auth)),
        ("AuthLayer", format!("{:?}", app.auth.layer())),
        ("AuthService", format!("{:?}", tower::Layer::layer(&app.auth.layer(), ()))),
        ("Ledger", format!("{:?} {:?}", app.auth.ledger(), app.auth.ledger().report())),
    ] {
        hidden.assert_absent(&text, place);
    }
    let config = AuthConfig::builder("https://op.example", "shop", "https://shop.example")
        .with_client_authentication(ClientAuthentication::Post(Secret::from(app.op.client_secret())))
        .add_session_key(KEY);
    hidden.assert_absent(&format!("{config:?} {config:#?}"), "AuthConfigBuilder");
    hidden.assert_absent(&format!("{:?}", config.build().unwrap()), "AuthConfig");
}

#[tokio::test]
async fn secret_in_debug_of_what_a_handler_has() {
    let app = App::start().await;
    let hidden = configured(&app);
    let shown = axum::Router::new()
        .route(
            "/",
            axum::routing::get(
                async |session: Session, token: AccessToken, request: axum::extract::Request| {
                    let mut header = http::HeaderMap::new();
                    header.insert("authorization", token.authorization());
                    let user = session.user();
                    format!("{session:?} {token:?} {user:?} {header:?} {:?}", request.extensions())
                },
            ),
        )
        .layer(app.auth.layer());
    spy(&app, &hidden);
    let browser = app.browser().logged_in(&User::ada()).await;
    note_cookies(&browser, &hidden);
    hidden.add("e-mail", "ada@example.com");
    let page = browser.at(&App { router: shown, ..app }).get("/").await;
    assert!(page.body.contains("local|ada") && page.body.contains(API) || page.body.contains("scopes"));
    hidden.assert_absent(&page.body, "Debug in a handler");
}

#[tokio::test]
async fn secret_in_a_configuration_error() {
    let secret = "short-secret-value";
    let build = |key: &str, client_secret: &str| {
        AuthConfig::builder("https://op.example", "shop", "https://shop.example")
            .with_client_secret(client_secret)
            .add_session_key(key)
            .build()
    };
    for error in [build(secret, "x").unwrap_err(), build(OTHER_KEY, "").unwrap_err()] {
        let text = format!("{error} {error:?}");
        assert!(!text.contains(secret) && !text.contains(OTHER_KEY), "{text}");
    }
    let of_url = |issuer: &str, base_url: &str| {
        let error = AuthConfig::builder(issuer, "shop", base_url).add_session_key(KEY).build().unwrap_err();
        format!("{error} {error:?}")
    };
    for text in [
        of_url("https://op.example", "https://ada:hunter22@shop.example"),
        of_url("https://op.example", "https://:hunter22@shop.example"),
        of_url("https://ada:hunter22@op.example", "https://shop.example"),
    ] {
        assert!(!text.contains("hunter22"), "{text}");
    }
}
