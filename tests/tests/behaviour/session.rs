//! The cookie session: sealed, rolling, bounded, and gone when it is gone.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, TestSession, User, session_cookie};
use http::{Request, StatusCode};
use tests::{SESSION_KEY, Site};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const NEW_KEY: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

#[tokio::test]
async fn nothing_is_written_inside_the_roll_threshold_and_max_age_never_passes_the_lifetime() {
    let lifetime = Duration::from_secs(10 * 3_600);
    let site = Site::builder()
        .provider(move |op| op.access_token_lifetime(lifetime * 2))
        .config(move |config| config.with_session_lifetime(lifetime).with_session_inactivity(4 * HOUR))
        .open()
        .await;
    let ada = site.ada().await;
    site.clock.advance(9 * MINUTE);
    assert!(ada.get("/session").await.set_cookies().is_empty());
    site.clock.advance(MINUTE);
    let rolled = ada.get("/session").await;
    assert!(rolled.set_cookies().iter().all(|line| line.contains("; Max-Age=14400;")), "{rolled:?}");
    assert!(ada.get("/session").await.set_cookies().is_empty());
    for _ in 0..3 {
        site.clock.advance(2 * HOUR);
        ada.get("/session").await;
    }
    site.clock.advance(2 * HOUR);
    let rolled = ada.get("/session").await;
    assert!(
        rolled.set_cookies().iter().all(|line| line.contains("; Max-Age=6600;")),
        "what remains: {rolled:?}"
    );
    site.clock.advance(2 * HOUR);
    assert_eq!(ada.get("/session").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_idle_session_ends_on_the_server_whatever_the_browser_keeps() {
    let site = Site::builder().config(|config| config.with_session_inactivity(HOUR)).open().await;
    let ada = site.ada().await;
    site.clock.advance(HOUR);
    let reply = ada.get("/session").await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(ada.cookies().is_empty());
}

#[tokio::test]
async fn a_key_that_is_rotated_logs_nobody_out_until_it_is_dropped() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let with_keys = async |keys: &[&str]| {
        let op = &site.op;
        let builder = auth_layer::AuthConfig::builder(&op.issuer(), &op.client_id(), tests::BASE_URL);
        let builder = keys.iter().fold(builder, |builder, key| builder.add_session_key(*key));
        let config = builder.with_clock(site.clock.clone()).build().unwrap();
        let auth = auth_layer::Auth::discover(config).await.unwrap();
        let route =
            axum::routing::get(async |session: auth_layer::Session| session.user().subject().to_string());
        axum::Router::new().route("/session", route).layer(auth.layer())
    };
    let old = ada.copied();
    let both = ada.at(with_keys(&[NEW_KEY, SESSION_KEY]).await);
    let first = both.get("/session").await;
    assert_eq!(first.body, "local|ada");
    assert!(!first.set_cookies().is_empty(), "sealed anew");
    assert!(both.get("/session").await.set_cookies().is_empty());
    let newest = with_keys(&[NEW_KEY]).await;
    assert_eq!(ada.at(newest.clone()).get("/session").await.body, "local|ada");
    let dropped = old.at(newest).get("/session").await;
    assert_eq!(dropped.status, StatusCode::UNAUTHORIZED);
    assert!(old.cookies().is_empty());
}

#[tokio::test]
async fn a_session_over_one_cookie_is_cut_and_what_is_left_over_is_deleted() {
    let talkative = User::ada().with_name("x".repeat(4_000));
    let site =
        Site::builder().provider(|op| op.add_user(User::ada().with_name("x".repeat(4_000)))).open().await;
    let ada = site.visitor();
    let parts = |lines: Vec<String>| {
        lines.into_iter().filter(|line| line.starts_with("auth_session")).collect::<Vec<_>>()
    };
    let large = parts(ada.log_in(&talkative).await.set_cookies());
    assert!(large.len() > 1, "{} cookies", large.len());
    assert!(large.iter().all(|line| line.len() <= 4_096));
    assert_eq!(ada.get("/session").await.body, "local|ada");
    let smaller = parts(ada.log_in(&User::bob()).await.set_cookies());
    assert!(smaller.iter().any(|line| line.contains("Max-Age=0")), "{smaller:?}");
    assert_eq!(ada.get("/session").await.body, "local|bob");
}

#[tokio::test]
async fn every_response_that_writes_the_session_stays_out_of_caches_and_keeps_the_handlers_cookies() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let untouched = ada.get("/cached").await;
    assert_eq!(untouched.header("cache-control"), "public, max-age=3600");
    site.clock.advance(HOUR);
    let written = ada.get("/cached").await;
    assert_eq!(written.header("cache-control"), "no-store, private");
    assert_eq!(written.header("vary"), "Cookie");
    let lines = written.set_cookies();
    assert!(lines.iter().any(|line| line == "theme=dark; Path=/") && lines.len() > 1, "{lines:?}");
}

#[tokio::test]
async fn a_slower_request_never_brings_a_session_back_after_logout() {
    let site = Site::open().await;
    for fault in [Fault::HoldUntilReleased, Fault::HoldResponseUntilReleased] {
        let ada = site.ada().await;
        let old = ada.copied();
        site.clock.advance(HOUR);
        site.op.fault_times(Endpoint::Token, fault, 1);
        let slow = ada.clone();
        let slow = tokio::spawn(async move { slow.get("/token").await });
        site.op.wait_until_held(1).await;
        ada.get("/auth/logout").await;
        site.op.release();
        let late = slow.await.unwrap();
        assert!(late.set_cookies().iter().all(|line| line.contains("Max-Age=0")), "{late:?}");
        assert!(ada.cookies().is_empty());
        assert_eq!(old.get("/token").await.status, StatusCode::UNAUTHORIZED, "and the old cookie is dead");
    }
}

#[tokio::test]
async fn each_login_has_a_new_session_and_nothing_of_the_old_cookie() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let before = ada.cookies();
    ada.log_in(&User::bob()).await;
    assert_eq!(ada.get("/user").await.body, "local|bob");
    assert!(before.iter().all(|(name, value)| ada.cookies().get(name) != Some(value)));
}

#[tokio::test]
async fn cookies_have_the_prefix_and_the_attributes_that_browsers_enforce() {
    let site = Site::open().await;
    let config =
        auth_layer::AuthConfig::builder(&site.op.issuer(), &site.op.client_id(), "https://app.example");
    let config = config.add_session_key(SESSION_KEY).with_clock(site.clock.clone()).build().unwrap();
    let auth = auth_layer::Auth::discover(config).await.unwrap();
    let cookie = session_cookie(&auth, TestSession::new("user|1")).await.unwrap();
    site.clock.advance(11 * MINUTE);
    let route = axum::routing::get(async |_: auth_layer::Session| "in");
    let visitor = site.visitor().at(axum::Router::new().route("/session", route).layer(auth.layer()));
    let rolled = visitor.send(Request::get("/session").header("cookie", cookie)).await;
    let login = visitor.get("/auth/login").await;
    for (line, prefix) in
        [(rolled.set_cookies(), "__Host-auth_session="), (login.set_cookies(), "__Host-auth_login_")]
    {
        let [line] = &line[..] else { panic!("one cookie, not {line:?}") };
        assert!(
            line.starts_with(prefix) && line.ends_with("; Path=/; HttpOnly; Secure; SameSite=Lax"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_change_from_another_site_is_refused_and_one_from_here_is_not() {
    let site = Site::open().await;
    let ada = site.ada().await;
    for (fetch_site, status) in [
        ("same-origin", StatusCode::OK),
        ("none", StatusCode::OK),
        ("same-site", StatusCode::FORBIDDEN),
        ("cross-site", StatusCode::FORBIDDEN),
    ] {
        let request =
            Request::post("/change").header("sec-fetch-site", fetch_site).header("host", "127.0.0.1:3000");
        assert_eq!(ada.send(request).await.status, status, "{fetch_site}");
    }
}
