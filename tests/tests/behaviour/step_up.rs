//! Step-up (RFC 9470): a handler that requires how, or how long ago, its user authenticated.

use std::time::Duration;

use auth_layer::config::UserInfo;
use auth_layer::testing::{Browser, Endpoint, Fault, TestAccessToken, User};
use auth_layer::{AccessToken, require_auth};
use axum::Router;
use axum::routing::get;
use http::StatusCode;
use serde_json::{Value, json};
use tests::{Api, BASE_URL, Reply, START, Site, Visitor};
use url::Url;

#[require_auth(acr = ["gold", "silver"])]
async fn vault() -> &'static str {
    "vault"
}

#[require_auth(max_age = 300)]
async fn recent(_token: AccessToken) -> &'static str {
    "recent"
}

#[require_auth(acr = "gold", max_age = 60, scopes = ["read:products"])]
async fn both() -> &'static str {
    "both"
}

/// Whenever it was, but the token has to say when.
#[require_auth(max_age = 18_446_744_073_709_551_615)]
async fn once() -> &'static str {
    "once"
}

fn routes() -> Router {
    Router::new()
        .route("/vault", get(vault))
        .route("/recent", get(recent))
        .route("/both", get(both))
        .route("/once", get(once))
}

fn ada(acr: &str, auth_time: u64) -> TestAccessToken {
    Api::ada().with_claim("acr", acr).with_claim("auth_time", auth_time)
}

async fn api() -> Api {
    Api::builder().quick().routes(routes()).open().await
}

#[tokio::test]
async fn a_token_passes_where_its_user_authenticated_as_the_handler_requires() {
    let api = api().await;
    for (name, token, passes) in [
        ("gold, now", ada("gold", START), &["vault", "recent", "both"][..]),
        ("silver, now", ada("silver", START), &["vault", "recent"]),
        ("bronze", ada("bronze", START), &["recent"]),
        ("two classes in one word", ada("gold silver", START), &["recent"]),
        ("long ago", ada("gold", START - 331), &["vault"]),
        ("at the edge, with the skew of clocks", ada("gold", START - 330), &["vault", "recent"]),
        ("in a while", ada("gold", START + 31), &["vault"]),
        ("no time", Api::ada().with_claim("acr", "gold"), &["vault"]),
        ("a time in a text", ada("gold", 0).with_claim("auth_time", START.to_string()), &["vault"]),
        ("no class", Api::ada().with_claim("auth_time", START), &["recent"]),
        ("nothing", Api::ada(), &[]),
    ] {
        let token = api.token(token);
        for handler in ["vault", "recent", "both", "vault", "recent", "both"] {
            let reply = api.get(&format!("/{handler}"), &token).await;
            let expected = if passes.contains(&handler) { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
            assert_eq!(reply.status, expected, "{name} at {handler}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn a_known_token_is_refused_once_its_authentication_is_too_long_ago() {
    let api = api().await;
    let token = api.token(ada("gold", START).with_lifetime(Duration::from_secs(3_600)));
    for (seconds, status) in [(0, 200), (300, 200), (30, 200), (1, 401), (0, 401)] {
        api.clock.advance(Duration::from_secs(seconds));
        assert_eq!(api.get("/recent", &token).await.status.as_u16(), status, "after {seconds} s more");
    }
}

#[tokio::test]
async fn no_length_of_time_is_too_long() {
    let api = api().await;
    for (token, status) in [(ada("gold", 1), StatusCode::OK), (Api::ada(), StatusCode::UNAUTHORIZED)] {
        assert_eq!(api.get("/once", &api.token(token)).await.status, status);
    }
    let site = Site::builder().config(|config| config.with_max_age(Duration::MAX)).open().await;
    let walk = Walk::begin(site).await;
    assert_eq!(walk.visitor.open("/once").await.body, "once");
    // Left out of the login, the provider need not say when it was, and the page would be asked for for ever.
    let login = Site::open().await.visitor().open("/auth/login?max_age=18446744073709551615").await;
    assert_eq!(parameter(&login.location(), "max_age").as_deref(), Some("4294967295"));
}

#[tokio::test]
async fn the_challenge_says_what_would_do() {
    let api = api().await;
    let token = api.token(ada("bronze", START - 1_000));
    for (path, parameters) in [
        ("/vault", r#"acr_values="gold silver""#),
        ("/recent", r#"max_age="300""#),
        ("/both", r#"acr_values="gold", max_age="60""#),
    ] {
        let reply = api.get(path, &token).await;
        let realm = r#"Bearer realm="https://api.shop.example", error="insufficient_user_authentication", "#;
        assert_eq!(reply.header("www-authenticate"), format!("{realm}{parameters}"));
        assert_eq!(reply.json()["error"], "insufficient_user_authentication");
    }
    let both = api.get("/both", &token).await.json();
    assert_eq!((&both["acr_values"], &both["max_age"]), (&json!(["gold"]), &json!(60)));
    // What no login brings is told first: nobody logs in again for nothing.
    let poor = api.token(ada("bronze", START - 1_000).with_scopes(""));
    let reply = api.get("/both", &poor).await;
    assert_eq!((reply.status, &reply.json()["error"]), (StatusCode::FORBIDDEN, &json!("insufficient_scope")));
}

/// A site, its visitor, and the browser that stays logged in at the provider.
struct Walk {
    site: Site,
    visitor: Visitor,
    browser: Browser,
}

impl Walk {
    async fn begin(site: Site) -> Self {
        let visitor = site.visitor().at(routes().merge(site.app()).layer(site.auth.layer()));
        let browser = site.op.browser();
        let walk = Self { site, visitor, browser };
        let arrival = walk.log_in_at("/auth/login", |_| {}).await;
        assert_eq!(arrival.status, StatusCode::SEE_OTHER, "{arrival:?}");
        walk
    }

    /// Goes through the provider's pages, whose address `bent` may change on the way.
    async fn log_in_at(&self, path: &str, bent: impl Fn(&mut Url)) -> Reply {
        let departure = self.visitor.open(path).await;
        let mut address = Url::parse(&departure.location()).unwrap();
        bent(&mut address);
        let callback = self.browser.log_in(&User::ada(), address.as_str()).await.unwrap();
        self.visitor.open(&callback[BASE_URL.len()..]).await
    }
}

fn parameter(address: &str, name: &str) -> Option<String> {
    let address = Url::parse(address).unwrap();
    address.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

fn without(name: &'static str) -> impl Fn(&mut Url) {
    move |address| {
        let kept: Vec<_> = address.query_pairs().into_owned().filter(|(found, _)| found != name).collect();
        address.query_pairs_mut().clear().extend_pairs(kept);
    }
}

#[tokio::test]
async fn a_page_is_sent_to_a_login_that_asks_for_more_and_comes_back() {
    let walk = Walk::begin(Site::open().await).await;
    let sent = walk.visitor.open("/vault?box=7").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(sent.location(), "/auth/login?returnTo=/vault%3Fbox%3D7&acr_values=gold%20silver");
    let departure = walk.visitor.open(&sent.location()).await;
    assert_eq!(parameter(&departure.location(), "acr_values").as_deref(), Some("gold silver"));

    let arrival = walk.log_in_at(&sent.location(), |_| {}).await;
    assert_eq!(arrival.location(), format!("{BASE_URL}/vault?box=7"));
    assert_eq!(walk.visitor.open("/vault?box=7").await.body, "vault");
}

#[tokio::test]
async fn an_old_login_is_sent_to_a_new_one_and_a_call_is_told_so() {
    let walk = Walk::begin(Site::open().await).await;
    assert_eq!(walk.visitor.open("/recent").await.body, "recent");
    walk.site.clock.advance(Duration::from_secs(331));
    let call = walk.visitor.get("/recent").await;
    assert_eq!(call.status, StatusCode::UNAUTHORIZED);
    let challenge = r#"Bearer error="insufficient_user_authentication", max_age="300""#;
    assert_eq!(call.header("www-authenticate"), challenge);
    let sent = walk.visitor.open("/recent").await;
    assert_eq!(sent.location(), "/auth/login?returnTo=/recent&max_age=300");
    walk.log_in_at(&sent.location(), |_| {}).await;
    assert_eq!(walk.visitor.open("/recent").await.body, "recent");
}

#[tokio::test]
async fn a_login_that_brings_less_than_was_asked_is_refused_and_the_session_stays() {
    let walk = Walk::begin(Site::open().await).await;
    walk.site.clock.advance(Duration::from_secs(400));
    for (page, taken_away, status) in
        [("/vault", "acr_values", StatusCode::FORBIDDEN), ("/recent", "max_age", StatusCode::BAD_REQUEST)]
    {
        let login = walk.visitor.open(page).await.location();
        let before = walk.visitor.cookies();
        // Whoever sits at the browser can change the address on its way to the provider.
        let arrival = walk.log_in_at(&login, without(taken_away)).await;
        assert_eq!(arrival.status, status, "{arrival:?}");
        assert!(arrival.body.contains("Login failed") && !arrival.body.contains(taken_away), "{arrival:?}");
        let session = |cookies: &std::collections::BTreeMap<String, String>| cookies["auth_session"].clone();
        assert_eq!(session(&walk.visitor.cookies()), session(&before));
        assert_eq!(walk.visitor.get("/token").await.status, StatusCode::OK);
        assert_eq!(walk.visitor.get(page).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn the_query_of_a_login_never_asks_for_less_than_the_configuration() {
    let site = Site::builder().config(|config| config.with_max_age(Duration::from_secs(100))).open().await;
    let asked = async |query: &str| {
        let departure = site.visitor().open(&format!("/auth/login{query}")).await.location();
        (parameter(&departure, "max_age"), parameter(&departure, "acr_values"))
    };
    let text = |text: &str| Some(text.to_owned());
    for (query, max_age, acr_values) in [
        ("", text("100"), None),
        ("?max_age=5000", text("100"), None),
        ("?max_age=5", text("5"), None),
        ("?max_age=-1&acr_values=", text("100"), None),
        ("?max_age=5&max_age=5000", text("5"), None),
        ("?acr_values=gold%20%20silver", text("100"), text("gold silver")),
    ] {
        assert_eq!(asked(query).await, (max_age, acr_values), "{query}");
    }
    let long = format!("?acr_values={}", "a".repeat(513));
    assert_eq!(asked(&long).await.1, None);
}

#[tokio::test]
async fn user_info_does_not_say_how_the_user_authenticated() {
    let site = Site::builder().config(|config| config.with_user_info(UserInfo::Fetch)).open().await;
    site.op.fault(
        Endpoint::UserInfo,
        Fault::rewrite(|claims| {
            for (name, value) in
                [("acr", json!("gold")), ("auth_time", json!(START + 9)), ("org_id", json!("org_1"))]
            {
                claims[name] = value;
            }
            claims["nickname"] = json!("ada");
        }),
    );
    let walk = Walk::begin(site).await;
    let profile = walk.visitor.get("/auth/profile").await.json();
    assert_eq!((&profile["nickname"], &profile["acr"]), (&json!("ada"), &Value::Null));
    assert_eq!(profile["org_id"], Value::Null);
    assert_ne!(profile["auth_time"], START + 9);
    assert_eq!(walk.visitor.get("/vault").await.status, StatusCode::UNAUTHORIZED);
}
