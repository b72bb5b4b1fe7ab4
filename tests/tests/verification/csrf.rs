//! Requests that another site makes with this one's cookies (OWASP CSRF, RFC 9700 §4.7).

use auth_layer::testing::User;
use http::Method;

use crate::support::App;

#[tokio::test]
async fn post_from_another_site() {
    let app = App::start().await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    let table: &[(&[(&str, &str)], u16)] = &[
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "none")], 200),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://shop.example")], 403),
        (&[("sec-fetch-site", "CROSS-SITE")], 403),
        (&[("sec-fetch-site", "x")], 403),
        (&[("origin", "https://shop.example")], 200),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "https://shop.example.evil.example")], 403),
        (&[("origin", "https://shop.example:8443")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "https://evil.example"), ("x-forwarded-host", "evil.example")], 403),
    ];
    for (headers, status) in table {
        let page = browser.post_with("/orders", headers).await;
        assert_eq!(page.status, *status, "{headers:?}: {}", page.body);
        assert_ne!(page.status == 200, page.body != "ordered", "{headers:?}");
    }
    assert_eq!(browser.who().await, "local|ada", "a refusal ends no session");
}

#[tokio::test]
async fn other_methods_from_another_site() {
    let app = App::start().await;
    let everything =
        axum::Router::new().fallback(async |_: auth_layer::Session| "changed").layer(app.auth.layer());
    let browser = app.browser().logged_in(&User::ada()).await;
    let app = App { router: everything, ..app };
    for (method, status) in [
        (Method::PUT, 403),
        (Method::PATCH, 403),
        (Method::DELETE, 403),
        (Method::TRACE, 403),
        (Method::from_bytes(b"PROPFIND").unwrap(), 403),
        (Method::from_bytes(b"get").unwrap(), 403),
        (Method::GET, 200),
    ] {
        let page = browser.at(&app).send(method.clone(), "/x", &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(page.status, status, "{method}");
    }
}

#[tokio::test]
async fn socket_opened_by_a_sibling_site() {
    let app = App::start().await;
    let browser = app.browser().logged_in(&User::ada()).await;
    for (headers, status) in [
        ([("upgrade", "websocket"), ("sec-fetch-site", "same-origin")], 200),
        ([("upgrade", "websocket"), ("sec-fetch-site", "same-site")], 403),
        ([("upgrade", "WebSocket"), ("origin", "https://evil.shop.example")], 403),
        ([("upgrade", "websocket"), ("origin", "https://shop.example")], 200),
        ([("upgrade", "websocket"), ("origin", "null")], 403),
    ] {
        let page = browser.clone().get_with("/me", &headers).await;
        assert_eq!(page.status, status, "{headers:?}");
    }
}

#[tokio::test]
async fn logout_by_a_post_of_another_site() {
    let app = App::start().await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    for headers in [[("sec-fetch-site", "cross-site")], [("origin", "https://evil.example")]] {
        let page = browser.post_with("/auth/logout", &headers).await;
        assert_eq!((page.status, page.set_cookies().len()), (403, 0));
    }
    assert_eq!(browser.who().await, "local|ada");
}

#[tokio::test]
async fn call_without_session_sent_to_the_provider() {
    let app = App::start().await;
    let table: &[(&[(&str, &str)], u16)] = &[
        (&[], 401),
        (&[("accept", "*/*")], 401),
        (&[("accept", "application/json")], 401),
        (&[("sec-fetch-mode", "cors"), ("accept", "text/html")], 401),
        (&[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")], 401),
        (&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], 401),
        (&[("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch")], 401),
        (&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], 303),
        (&[("accept", "text/html,*/*;q=0.8")], 303),
    ];
    for (headers, status) in table {
        for route in ["/me", "/scopes", "/claims"] {
            let page = app.browser().get_with(route, headers).await;
            assert_eq!(page.status, *status, "{route} {headers:?}");
            if *status == 401 {
                assert_eq!(page.header("www-authenticate"), "Bearer", "no error without credentials");
                assert_eq!(page.header("content-type"), "application/problem+json");
                assert!(!page.headers.contains_key("location"));
            }
            assert_eq!(page.header("cache-control"), "no-store, private");
            assert!(page.set_cookies().is_empty(), "no login is begun");
        }
    }
    let page = app.browser().post_with("/orders", &[("sec-fetch-mode", "navigate")]).await;
    assert_eq!(page.status, 401, "what was posted could not be posted again after a login");
}
