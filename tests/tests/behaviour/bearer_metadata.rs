//! The metadata of the protected resource (RFC 9728), and the challenge that leads to it.

use auth_layer::config::{DpopPolicy, ResourceServerConfigBuilder};
use auth_layer::testing::{Endpoint, bearer};
use http::header::AUTHORIZATION;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tests::{Api, Reply, Site};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

async fn api(
    change: impl FnOnce(ResourceServerConfigBuilder) -> ResourceServerConfigBuilder + 'static,
) -> Api {
    Api::builder().config(change).open().await
}

async fn fetch(api: &Api, path: &str) -> Reply {
    api.send(Request::get(path)).await
}

#[tokio::test]
async fn whoever_asks_learns_what_the_api_is_and_whose_tokens_it_takes() {
    let api = api(|config| {
        config
            .with_base_url("https://api.shop.example/")
            .with_name("Shop")
            .with_documentation("https://docs.shop.example/api")
            .add_scope("read:products")
            .add_scope("write:products")
    })
    .await;
    let reply = fetch(&api, WELL_KNOWN).await;
    let expected = json!({
        "resource": "https://api.shop.example",
        "authorization_servers": [api.op.issuer()],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["read:products", "write:products"],
        "resource_name": "Shop",
        "resource_documentation": "https://docs.shop.example/api",
    });
    assert_eq!((reply.status, reply.json()), (StatusCode::OK, expected));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
    assert!(reply.set_cookies().is_empty());
}

#[tokio::test]
async fn what_is_not_said_is_not_there() {
    let api = api(|config| config.with_base_url("https://api.shop.example")).await;
    let document = fetch(&api, WELL_KNOWN).await.json();
    let names: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(names, ["authorization_servers", "bearer_methods_supported", "resource"]);
}

#[tokio::test]
async fn proofs_of_possession_are_announced_where_they_are_taken() {
    for (policy, required) in [(DpopPolicy::new(), false), (DpopPolicy::new().required(), true)] {
        let api = api(move |config| config.with_base_url("https://api.shop.example").with_dpop(policy)).await;
        let document = fetch(&api, WELL_KNOWN).await.json();
        assert_eq!(document["dpop_bound_access_tokens_required"], required);
        let algorithms = document["dpop_signing_alg_values_supported"].as_array().unwrap();
        assert!(algorithms.contains(&json!("ES256")) && !algorithms.contains(&json!("none")));
    }
}

#[tokio::test]
async fn a_path_of_the_base_url_comes_after_the_well_known_one() {
    for base_url in ["https://api.shop.example/shop/v1", "https://api.shop.example/shop/v1/"] {
        let api = api(move |config| config.with_base_url(base_url)).await;
        let document = fetch(&api, &format!("{WELL_KNOWN}/shop/v1")).await;
        assert_eq!(document.json()["resource"], "https://api.shop.example/shop/v1", "{base_url}");
        for elsewhere in ["", "/", "/shop", "/shop/v1/", "/shop/v1x", "/Shop/v1"] {
            let reply = fetch(&api, &format!("{WELL_KNOWN}{elsewhere}")).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{elsewhere:?}");
        }
        assert_eq!(fetch(&api, &format!("/shop/v1{WELL_KNOWN}")).await.status, StatusCode::NOT_FOUND);
        let challenge = concat!(
            r#"Bearer realm="https://api.shop.example", resource_metadata="#,
            r#""https://api.shop.example/.well-known/oauth-protected-resource/shop/v1""#
        );
        assert_eq!(fetch(&api, "/who").await.header("www-authenticate"), challenge);
    }
}

#[tokio::test]
async fn every_challenge_leads_to_the_metadata() {
    let api = api(|config| config.with_base_url("https://api.shop.example")).await;
    let common = concat!(
        r#"Bearer realm="https://api.shop.example", resource_metadata="#,
        r#""https://api.shop.example/.well-known/oauth-protected-resource""#
    );
    let invalid = format!("{common}, error=\"invalid_token\"");
    let malformed = format!("{common}, error=\"invalid_request\"");
    for (value, challenge) in [(None, common), (Some("Bearer x"), &*invalid), (Some("Bearer"), &*malformed)] {
        let request = Request::get("/who");
        let request = match value {
            Some(value) => request.header(AUTHORIZATION, value),
            None => request,
        };
        assert_eq!(api.send(request).await.header("www-authenticate"), challenge);
    }
}

#[tokio::test]
async fn only_reads_are_answered_and_no_token_is_looked_at() {
    let api = api(|config| config.with_base_url("https://api.shop.example")).await;
    let with = |method: Method| {
        api.send(Request::builder().method(method).uri(WELL_KNOWN).header(AUTHORIZATION, bearer("bad")))
    };
    assert_eq!(with(Method::GET).await.json()["resource"], "https://api.shop.example");
    let head = with(Method::HEAD).await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("content-type"), "application/json");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
        let reply = with(method.clone()).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert!(reply.header("allow").starts_with("GET, HEAD"), "{method}: {reply:?}");
    }
    assert_eq!(api.op.calls(Endpoint::Introspection), 0);
}

#[tokio::test]
async fn without_a_base_url_there_is_no_metadata_and_no_mention_of_it() {
    let api = Api::open().await;
    assert_eq!(fetch(&api, WELL_KNOWN).await.status, StatusCode::NOT_FOUND);
    assert!(!fetch(&api, "/who").await.header("www-authenticate").contains("resource_metadata"));
}

#[tokio::test]
async fn a_site_that_logs_users_in_tells_of_its_tokens_too() {
    let site = Site::builder().bearer(|config| config.with_base_url("https://shop.example")).open().await;
    let document = site.visitor().get(WELL_KNOWN).await;
    assert_eq!(document.json()["authorization_servers"], Value::from(vec![site.op.issuer()]));
    let reply = site.visitor().get("/token").await;
    assert!(reply.header("www-authenticate").contains("resource_metadata"), "{reply:?}");
    assert_eq!(site.visitor().open("/token").await.status, StatusCode::SEE_OTHER, "a person logs in");
}
