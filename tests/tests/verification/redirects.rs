//! Open redirectors (RFC 9700 §4.11): after login, after logout, and by the address that was asked for.

use auth_layer::testing::User;
use url::form_urlencoded::byte_serialize;

use crate::support::{App, BASE_URL, query};

/// Addresses that leave the site, or that another parser than ours might send off it.
const EVASIONS: &[&str] = &[
    "//evil.example",
    "///evil.example",
    "////evil.example/%2e%2e",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\u{0}//evil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%0d/evil.example",
    "/%2f/evil.example",
    "/%2F%2Fevil.example",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "/%252f%252fevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/x/..//evil.example",
    "/./%2fevil.example",
    "/x/../%5cevil.example",
    "/%2e//evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "http://shop.example",
    "https://shop.example.evil.example",
    "https://shop.example@evil.example",
    "https://shop.example:password@evil.example",
    "https://ada@shop.example",
    "https://shop.example:8443",
    "https://shop.example.",
    "https://shop.example\\.evil.example",
    "https://evil.example#https://shop.example",
    "https://evil.example?https://shop.example/",
    "shop.example.evil.example",
    "@evil.example",
    ".evil.example",
    ":80@evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://shop.example/x",
    "view-source:https://evil.example",
    "\u{2f}\u{2f}evil.example",
    "/\u{ff0f}evil.example",
    "\u{2215}\u{2215}evil.example",
    "/\u{a0}/evil.example",
    "https://\u{ff53}hop.example",
    "/x\r\nLocation: https://evil.example",
    "/x\r\nSet-Cookie: __Host-auth_session=x",
    "",
];

fn target(route: &str, name: &str, wanted: &str) -> String {
    format!("{route}?{name}={}", byte_serialize(wanted.as_bytes()).collect::<String>())
}

#[tokio::test]
async fn return_to_leaves_the_site() {
    let app = App::start().await;
    for (index, evasion) in EVASIONS.iter().enumerate() {
        let name = ["returnTo", "return_to"][index % 2];
        let mut browser = app.browser();
        let request = browser.get(&target("/auth/login", name, evasion)).await.location().to_owned();
        let callback = browser.authorize(&User::ada(), &request).await;
        let page = browser.get(&callback).await;
        assert_eq!((page.status, page.location()), (303, "https://shop.example/"), "{evasion:?}");
        assert!(!page.everything().contains("evil"), "{evasion:?}");
    }
}

#[tokio::test]
async fn return_to_stays_on_the_site() {
    let app = App::start().await;
    for (wanted, location) in [
        ("/products?page=2&sort=a#top", "https://shop.example/products?page=2&sort=a#top"),
        ("/a//b", "https://shop.example/a//b"),
        ("/search?q=https://evil.example", "https://shop.example/search?q=https://evil.example"),
        ("https://shop.example/cart", "https://shop.example/cart"),
        ("/caf%C3%A9", "https://shop.example/caf%C3%A9"),
    ] {
        let mut browser = app.browser();
        let request = browser.get(&target("/auth/login", "returnTo", wanted)).await.location().to_owned();
        let callback = browser.authorize(&User::ada(), &request).await;
        assert_eq!(browser.get(&callback).await.location(), location);
    }
}

#[tokio::test]
async fn return_to_an_origin_that_only_looks_allowed() {
    let app = App::with(|config| config.add_return_origin("https://partner.example")).await;
    for (wanted, good) in [
        ("https://partner.example/welcome", true),
        ("https://partner.example:8443/", false),
        ("http://partner.example/", false),
        ("https://partner.example.evil.example/", false),
        ("https://partner.example@evil.example/", false),
        ("https://evil@partner.example/", false),
        ("//partner.example/", false),
    ] {
        let mut browser = app.browser();
        let request = browser.get(&target("/auth/login", "returnTo", wanted)).await.location().to_owned();
        let callback = browser.authorize(&User::ada(), &request).await;
        let location = browser.get(&callback).await.location().to_owned();
        assert_eq!(location, if good { wanted } else { "https://shop.example/" }, "{wanted}");
    }
}

#[tokio::test]
async fn return_to_after_logout_leaves_the_site() {
    let app = App::start().await;
    let browser = app.browser().logged_in(&User::ada()).await;
    for evasion in EVASIONS {
        // The first has a session to end at the provider, the others are strangers.
        let mut stranger = app.browser();
        let page = stranger.get(&target("/auth/logout", "returnTo", evasion)).await;
        assert_eq!((page.status, page.location()), (303, "https://shop.example/"), "{evasion:?}");
    }
    let mut browser = browser;
    let page = browser.get(&target("/auth/logout", "returnTo", "//evil.example")).await;
    assert_eq!(query(page.location())["post_logout_redirect_uri"], format!("{BASE_URL}/"));
}

#[tokio::test]
async fn unauthenticated_page_whose_own_address_leaves_the_site() {
    let app = App::start().await;
    let page = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    for (asked, back) in [
        ("/me?tab=2", "https://shop.example/me?tab=2"),
        ("/me?next=//evil.example", "https://shop.example/me?next=//evil.example"),
    ] {
        let mut browser = app.browser();
        let login = browser.get_with(asked, &page).await.location().to_owned();
        assert!(login.starts_with("/auth/login?returnTo="), "{login}");
        let request = browser.get(&login).await.location().to_owned();
        let callback = browser.authorize(&User::ada(), &request).await;
        assert_eq!(browser.get(&callback).await.location(), back);
    }
    // A handler that answers everything, asked for an address that is another site's when it is redirected to.
    let catch_all = axum::Router::new()
        .fallback(async |session: auth_layer::Session| session.user().subject().to_string())
        .layer(app.auth.layer());
    for asked in ["//evil.example/", "//evil.example/%2e%2e", "/\\evil.example", "/%5cevil.example"] {
        let Ok(uri) = asked.parse::<http::Uri>() else { continue };
        let mut request = http::Request::new(axum::body::Body::empty());
        *request.uri_mut() = uri;
        for (name, value) in page {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let answer = tower::ServiceExt::oneshot(catch_all.clone(), request).await.unwrap();
        let login = answer.headers()["location"].to_str().unwrap().to_owned();
        assert!(login.starts_with("/auth/login?returnTo="), "{login}");
        let mut browser = app.browser();
        let request = browser.get(&login).await.location().to_owned();
        let callback = browser.authorize(&User::ada(), &request).await;
        assert_eq!(browser.get(&callback).await.location(), "https://shop.example/", "{asked}");
    }
}

#[tokio::test]
async fn return_to_outgrows_its_cookie() {
    let app = App::start().await;
    for wanted in [
        format!("/{}", "a".repeat(2_000)),
        format!("/{}", "\"".repeat(2_000)),
        format!("/?{}", "<".repeat(2_040)),
        format!("/{}", "a".repeat(30_000)),
    ] {
        let mut browser = app.browser();
        let page = browser.get(&target("/auth/login", "returnTo", &wanted)).await;
        let sizes: Vec<usize> = page.set_cookies().iter().map(|cookie| cookie.len()).collect();
        // A browser drops a larger one, and the login could never be finished.
        assert!(sizes.iter().all(|size| *size <= 4_093), "{sizes:?}");
    }
    let both = format!(
        "{}&acr_values={}",
        target("/auth/login", "returnTo", &format!("/{}", "a".repeat(2_020))),
        "a+".repeat(256)
    );
    let sizes: Vec<usize> =
        app.browser().get(&both).await.set_cookies().iter().map(|cookie| cookie.len()).collect();
    assert!(!sizes.is_empty() && sizes.iter().all(|size| *size <= 4_093), "{sizes:?}");
}

#[tokio::test]
async fn redirect_that_repeats_a_post() {
    let app = App::start().await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    let page = browser.post_with("/auth/logout", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(page.status, 303, "the provider gets no body of ours");
    for (method, route) in [("POST", "/auth/login"), ("PUT", "/auth/callback"), ("DELETE", "/auth/logout")] {
        let page = browser.send(method.parse().unwrap(), route, &[]).await;
        assert_eq!(page.status, 405, "{method} {route}");
        assert!(page.header("allow").starts_with("GET"));
    }
}
