//! Metadata that lies (OpenID Connect Discovery §4.3, RFC 9700 §4.4).

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, User};
use auth_layer::{Auth, AuthConfig};
use serde_json::{Value, json};

use crate::support::{App, BASE_URL, KEY, StrangeServer, provider};

/// An application whose first look at the metadata is a bent one.
async fn bent(change: impl Fn(&mut Value) + Send + Sync + 'static) -> App {
    let op = provider(|builder| builder).await;
    op.fault(Endpoint::Discovery, Fault::rewrite(change));
    App::over(&op, |config| config).await
}

#[tokio::test]
async fn metadata_of_another_issuer() {
    for lie in ["https://evil.example", "slash", "case", ""] {
        let lying = Fault::rewrite(move |metadata| {
            let issuer = metadata["issuer"].as_str().unwrap();
            metadata["issuer"] = match lie {
                "slash" => json!(format!("{issuer}/")),
                "case" => json!(issuer.replace("http", "HTTP")),
                lie => json!(lie),
            };
        });
        // At the start it is a configuration that cannot work.
        let op = provider(|builder| builder).await;
        op.fault(Endpoint::Discovery, lying.clone());
        let config = AuthConfig::builder(&op.issuer(), &op.client_id(), BASE_URL).add_session_key(KEY);
        let refused = Auth::discover(config.build().unwrap()).await.unwrap_err().to_string();
        assert!(refused.starts_with("the provider calls itself"), "{lie:?}: {refused}");
        // After a start without the provider, no login begins there.
        op.clear_faults();
        op.fault(Endpoint::Discovery, Fault::Status(503));
        let app = App::over(&op, |config| config).await;
        op.clear_faults();
        op.fault(Endpoint::Discovery, lying);
        app.pass(Duration::from_secs(2));
        let page = app.browser().get("/auth/login").await;
        assert_eq!((page.status, page.set_cookies().len()), (503, 0), "{lie:?}");
    }
}

#[tokio::test]
async fn endpoint_that_is_weaker_than_its_issuer() {
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "revocation_endpoint",
        "end_session_endpoint",
    ] {
        for address in [
            "http://op.example/x",
            "http://127.0.0.1.evil.example/x",
            "http://localhost.evil.example/x",
            "http://10.0.0.1/x",
            "ftp://127.0.0.1/x",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "//op.example/x",
            "/x",
            "",
        ] {
            let app = bent(move |metadata| metadata[endpoint] = json!(address)).await;
            let page = app.browser().get("/auth/login").await;
            assert_eq!(page.status, 503, "{endpoint} {address:?}");
        }
    }
}

#[tokio::test]
async fn metadata_without_what_a_login_needs() {
    for name in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
        for value in [Value::Null, json!(7), json!(["https://op.example"])] {
            let app = bent(move |metadata| metadata[name] = value.clone()).await;
            assert_eq!(app.browser().get("/auth/login").await.status, 503, "{name}");
        }
    }
}

#[tokio::test]
async fn metadata_that_is_no_metadata() {
    for body in ["<!doctype html>", "", "[]", "null", "{", "{\"issuer\":\"a\",\"issuer\":\"b\"}"] {
        let op = provider(|builder| builder).await;
        op.fault(Endpoint::Discovery, Fault::garbage(body, "text/html"));
        let app = App::over(&op, |config| config).await;
        assert_eq!(app.browser().get("/auth/login").await.status, 503, "{body}");
    }
}

#[tokio::test]
async fn issuer_promised_and_absent_in_the_response() {
    // Promised, it must be there: see `authorization_response`. Not promised, its absence is no error,
    // but a wrong one is (RFC 9207 §2.4).
    let app =
        bent(|metadata| metadata["authorization_response_iss_parameter_supported"] = json!(false)).await;
    let mut browser = app.browser();
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let (without, _) = callback.split_once("&iss=").unwrap();
    let evil = browser.get(&format!("{without}&iss=https://evil.example")).await;
    assert_eq!((evil.status, app.op.calls(Endpoint::Token)), (400, 0));
    let callback = browser.log_in_up_to_callback(&User::ada()).await;
    let (without, _) = callback.split_once("&iss=").unwrap();
    assert!(browser.get(without).await.begins_session());
}

#[tokio::test]
async fn issuer_taken_over_after_the_start() {
    let app = App::start().await;
    let evil = StrangeServer::start(|| axum::response::Response::new("{}".into())).await;
    let url = evil.url.clone();
    let takeover = Fault::rewrite(move |metadata| {
        metadata["issuer"] = json!("https://evil.example");
        metadata["token_endpoint"] = json!(url);
    });
    app.op.fault(Endpoint::Discovery, takeover);
    app.pass(Duration::from_secs(3_600));
    assert!(app.browser().log_in(&User::ada()).await.begins_session(), "the old metadata is kept");
    assert_eq!((evil.calls(), app.op.calls(Endpoint::Token)), (0, 1));
}

#[tokio::test]
async fn endpoint_that_moves() {
    let app = App::start().await;
    let moved = StrangeServer::start(|| axum::response::Response::new("{}".into())).await;
    let url = moved.url.clone();
    app.op
        .fault(Endpoint::Discovery, Fault::rewrite(move |metadata| metadata["token_endpoint"] = json!(url)));
    app.pass(Duration::from_secs(3_599));
    assert!(app.browser().log_in(&User::ada()).await.begins_session());
    app.pass(Duration::from_secs(1));
    assert!(!app.browser().log_in(&User::ada()).await.begins_session());
    assert_eq!((moved.calls(), app.op.calls(Endpoint::Token)), (1, 1), "after an hour it is followed");
}

#[tokio::test]
async fn provider_or_application_by_plain_http() {
    use auth_layer::AuthConfig;
    let build = |issuer: &str, base_url: &str| {
        AuthConfig::builder(issuer, "shop", base_url).add_session_key(crate::support::KEY).build()
    };
    for (issuer, base_url, good) in [
        ("https://op.example", "https://shop.example", true),
        ("http://127.0.0.1:1", "http://localhost:3000", true),
        ("http://op.example", "https://shop.example", false),
        ("https://op.example", "http://shop.example", false),
        ("http://127.0.0.1.evil.example", "https://shop.example", false),
        ("https://op.example?x", "https://shop.example", false),
        ("ftp://op.example", "https://shop.example", false),
        ("https://op.example", "javascript:alert(1)", false),
    ] {
        assert_eq!(build(issuer, base_url).is_ok(), good, "{issuer} {base_url}");
    }
}
