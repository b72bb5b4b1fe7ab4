//! Attacks on the authorization request (RFC 9700 §2.1.1, RFC 7636).

use std::collections::HashSet;

use auth_layer::testing::{Endpoint, Fault, User};

use crate::support::{API, App, BASE_URL, query};

#[tokio::test]
async fn plain_challenge_or_none() {
    let app = App::start().await;
    for _ in 0..3 {
        let request = query(&app.browser().begin_login().await);
        assert_eq!(request["code_challenge_method"], "S256");
        assert_eq!(request["code_challenge"].len(), 43, "SHA-256 in base64url");
        assert_eq!(request["response_type"], "code", "no implicit flow");
        assert_eq!(request["audience"], API);
        assert_eq!(request["resource"], API);
        assert_eq!(request["scope"], "email offline_access openid profile read:products", "as configured");
    }
}

#[tokio::test]
async fn state_nonce_or_challenge_used_again() {
    let app = App::start().await;
    let mut browser = app.browser();
    let mut seen = HashSet::new();
    for _ in 0..200 {
        let request = query(&browser.begin_login().await);
        for name in ["state", "nonce", "code_challenge"] {
            // 43 characters of base64url are 256 bits.
            assert_eq!(request[name].len(), 43, "{name}");
            assert!(seen.insert(request[name].clone()), "{name} came twice");
        }
    }
}

#[tokio::test]
async fn redirect_uri_from_the_host_header() {
    let app = App::start().await;
    let table: &[&[(&str, &str)]] = &[
        &[("host", "evil.example")],
        &[("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "http")],
        &[("forwarded", "host=evil.example;proto=http")],
        &[("x-original-url", "https://evil.example/auth/login"), ("x-rewrite-url", "//evil.example")],
        &[("origin", "https://evil.example"), ("referer", "https://evil.example/")],
    ];
    for headers in table {
        let page = app.browser().get_with("/auth/login", headers).await;
        let request = query(page.location());
        assert_eq!(request["redirect_uri"], format!("{BASE_URL}/auth/callback"), "{headers:?}");
        assert!(!page.everything().contains("evil"), "{headers:?}");
    }
}

#[tokio::test]
async fn query_of_the_login_route_reaches_the_provider() {
    let app = App::start().await;
    let target = "/auth/login?scope=admin&redirect_uri=https://evil.example&client_id=other&prompt=none\
                  &response_type=token&response_mode=fragment&request_uri=https://evil.example&nonce=n&state=s";
    let request = query(app.browser().get(target).await.location());
    assert_eq!(request["redirect_uri"], format!("{BASE_URL}/auth/callback"));
    assert_eq!((&*request["client_id"], &*request["response_type"]), ("shop", "code"));
    assert!(!request["scope"].contains("admin"));
    for name in ["prompt", "response_mode", "request_uri"] {
        assert!(!request.contains_key(name), "{name}");
    }
    assert_eq!((request["nonce"].len(), request["state"].len()), (43, 43));
}

#[tokio::test]
async fn verifier_not_of_this_request() {
    let app = App::start().await;
    let mut browser = app.browser();
    let honest = browser.begin_login().await;
    let other = browser.begin_login().await;
    // The provider is asked with the challenge of another login, as a code injection would be (RFC 9700 §4.5).
    let mixed = honest.replace(&query(&honest)["code_challenge"], &query(&other)["code_challenge"]);
    let callback = browser.authorize(&User::ada(), &mixed).await;
    let page = browser.get(&callback).await;
    assert_eq!((page.status, page.begins_session()), (400, false));
    assert_eq!(app.op.log_count("feacft"), 1, "the provider refused the verifier");
    assert_eq!(browser.who().await, "nobody");
}

#[tokio::test]
async fn provider_down_at_login() {
    let app = App::start().await;
    let op = crate::support::provider(|builder| builder).await;
    op.fault(Endpoint::Discovery, Fault::Status(500));
    let app_of_dead = App::over(&op, |config| config).await;
    let page = app_of_dead.browser().get("/auth/login").await;
    assert_eq!(page.status, 503);
    assert!(page.set_cookies().is_empty() && !page.header("retry-after").is_empty(), "{page:?}");
    op.clear_faults();
    app_of_dead.pass(std::time::Duration::from_secs(2));
    assert_eq!(app_of_dead.browser().get("/auth/login").await.status, 303, "it recovers by itself");
    assert_eq!(app.browser().get("/auth/login").await.status, 303);
}
