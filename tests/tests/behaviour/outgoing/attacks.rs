//! Attacks on the proxy and on the authorize layer, each by its name.

use auth_layer::Auth;
use auth_layer::AuthConfig;
use auth_layer::config::{DpopPolicy, ResourceServerConfigBuilder};
use auth_layer::outbound::authorize::OnBehalfOf as _;
use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use tests::{Api as BearerApi, BASE_URL, Listener, SESSION_KEY, Site, send};
use tower::{Layer as _, ServiceExt as _};

use super::api::{Api, ada_at, calling, hyper, proxying, token_of};

/// Ada at a proxy before an API.
async fn proxied(api: &Api) -> (Site, tests::Visitor) {
    let site = Site::open().await;
    let ada =
        ada_at(&site, proxying(&site, site.auth.proxy("/api", &format!("{}/v1", api.url)).unwrap())).await;
    (site, ada)
}

#[tokio::test]
async fn cookie_to_the_backend() {
    let api = Api::start().await;
    let (_site, ada) = proxied(&api).await;
    ada.set_cookie("theirs", "a");
    assert_eq!(ada.get("/api/a").await.status, StatusCode::OK);
    let seen = api.last();
    assert!(!seen.headers.contains_key("cookie"));
    let cookies = ada.cookies();
    let told = format!("{:?}", seen.headers);
    assert!(cookies.values().filter(|value| value.len() > 1).all(|value| !told.contains(value)));
}

#[tokio::test]
async fn credentials_of_the_browser_to_the_backend() {
    let api = Api::start().await;
    let (site, ada) = proxied(&api).await;
    let request = Request::get("/api/a")
        .header("authorization", "Bearer forged")
        .header("authorization", "Basic Zm9yZ2Vk")
        .header("proxy-authorization", "Basic Zm9yZ2Vk")
        .header("dpop", "forged");
    assert_eq!(ada.send(request).await.status, StatusCode::OK);
    let seen = api.last();
    assert_eq!(seen.headers.get_all("authorization").iter().count(), 1);
    assert_eq!(seen.token(), token_of(&site, &ada).await);
    assert!(!seen.headers.contains_key("proxy-authorization") && !seen.headers.contains_key("dpop"));
}

#[tokio::test]
async fn smuggled_hop_by_hop_header() {
    let api = Api::start().await;
    let (site, ada) = proxied(&api).await;
    let request = Request::get("/api/a")
        .header("connection", "close, X-Hop , authorization, x-forwarded-host,via, content-length")
        .header("connection", "x-hop-too, , bad name, host")
        .header("x-hop", "a")
        .header("x-hop-too", "a")
        .header("keep-alive", "timeout=5")
        .header("proxy-connection", "keep-alive")
        .header("te", "trailers")
        .header("trailer", "x-end")
        .header("transfer-encoding", "chunked")
        .header("content-length", "5")
        .header("expect", "100-continue")
        .header("http2-settings", "AAA")
        .header("x-kept", "a");
    assert_eq!(ada.send(request).await.status, StatusCode::OK);
    let seen = api.last();
    for name in [
        "connection",
        "x-hop",
        "x-hop-too",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "content-length",
        "expect",
        "http2-settings",
    ] {
        assert!(!seen.headers.contains_key(name), "{name}");
    }
    // What we say ourselves is not the client's to take away.
    assert_eq!(seen.token(), token_of(&site, &ada).await);
    assert_eq!((seen.header("x-forwarded-host"), seen.header("x-kept")), ("127.0.0.1:3000", "a"));
    assert!(seen.body.is_empty() && !seen.header("via").is_empty());
}

#[tokio::test]
async fn forged_x_forwarded() {
    let api = Api::start().await;
    let (_site, ada) = proxied(&api).await;
    let mut request = Request::get("/api/a").header("host", "evil.example");
    let forged = [
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-user",
        "x-forwarded",
        "x-real-ip",
        "x-original-url",
        "x-rewrite-url",
        "true-client-ip",
        "cf-connecting-ip",
        "x-client-ip",
        "client-ip",
        "x-host",
        "proxy",
    ];
    for name in forged {
        request = request.header(name, "forged");
    }
    assert_eq!(ada.send(request).await.status, StatusCode::OK);
    let seen = api.last();
    let told = format!("{:?}", seen.headers);
    assert!(!told.contains("forged") && !told.contains("evil.example"), "{told}");
    assert_eq!(seen.header("forwarded"), r#"host="127.0.0.1:3000";proto=http"#);
    assert_eq!(
        (seen.header("x-forwarded-host"), seen.header("x-forwarded-proto")),
        ("127.0.0.1:3000", "http")
    );
    assert_eq!(seen.header("x-forwarded-prefix"), "/api");
}

#[tokio::test]
async fn traversal() {
    let api = Api::start().await;
    let (_site, ada) = proxied(&api).await;
    for path in [
        "/api/..",
        "/api/../admin",
        "/api/a/../../admin",
        "/api/%2e%2e/admin",
        "/api/%2E%2e%2fadmin",
        "/api/.%2e/admin",
        "/api/a//b",
        "/api/a%2f..%2f..%2fadmin",
        "/api/a%5c..%5cadmin",
        "/api/..;/admin",
        "/api/..%3b/admin",
        "/api/%252e%252e/admin",
        "/api/a%00",
        "/api/%",
        "/api/%zz",
        "/api/.",
    ] {
        let reply = ada.get(path).await;
        assert_eq!((reply.status, api.seen().len()), (StatusCode::BAD_REQUEST, 0), "{path}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
    }
    // axum's router itself has no such route.
    assert_eq!(ada.get("/api//evil.example/a").await.status, StatusCode::NOT_FOUND);
    // A backslash is no character of a URI, and never gets as far as here.
    assert!("/api/..\\admin".parse::<http::Uri>().is_err() || ada.get("/api/..\\admin").await.status == 400);
    assert_eq!(api.seen().len(), 0);
}

#[tokio::test]
async fn absolute_form_address() {
    let (api, evil) = (Api::start().await, Api::start().await);
    let (_site, ada) = proxied(&api).await;
    for uri in [format!("{}/api/a", evil.url), format!("{}/api/http://evil.example", evil.url)] {
        ada.get(&uri).await;
    }
    assert_eq!(ada.get("/api/@evil.example:80").await.status, StatusCode::OK);
    assert_eq!((api.last().path.as_str(), evil.seen().len()), ("/v1/@evil.example:80", 0));
    assert_eq!(api.seen()[0].path, "/v1/a");
    assert!(api.url.ends_with(api.last().header("host")));
}

#[tokio::test]
async fn other_origin() {
    let (site, api, evil) = (Site::open().await, Api::start().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
    let port = evil.url.rsplit(':').next().unwrap().to_owned();
    let (near, far) = (api.url.clone(), evil.url.clone());
    let call = async move |session: auth_layer::Session| {
        let host = near.trim_start_matches("http://").to_owned();
        for uri in
            [far.clone(), format!("http://{host}@127.0.0.1:{port}/"), format!("http://localhost:{port}/")]
        {
            let request = Request::get(uri.as_str()).on_behalf_of(&session);
            client.clone().oneshot(request.body(Full::<Bytes>::default()).unwrap()).await.unwrap();
        }
    };
    let ada = ada_at(&site, Router::new().route("/call", get(call)).layer(site.auth.layer())).await;
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    let seen = evil.seen();
    assert_eq!((seen.len(), api.seen().len()), (3, 0));
    assert!(seen.iter().all(|seen| !seen.headers.contains_key("authorization")));
}

#[tokio::test]
async fn redirect_to_another_host() {
    let evil = Api::start().await;
    let to = format!("{}/caught", evil.url);
    let api = Api::answering(move |_| axum::response::Redirect::temporary(&to).into_response()).await;
    let (_site, ada) = proxied(&api).await;
    let reply = ada.get("/api/a").await;
    assert_eq!((reply.status, evil.seen().len()), (StatusCode::TEMPORARY_REDIRECT, 0));
}

#[tokio::test]
async fn cross_site_request_forgery() {
    let api = Api::start().await;
    let (_site, ada) = proxied(&api).await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let request = || Request::builder().method(method.clone()).uri("/api/a");
        let forged = [
            request().header("sec-fetch-site", "cross-site"),
            request().header("sec-fetch-site", "same-site"),
            request().header("origin", "https://evil.example").header("host", "127.0.0.1:3000"),
        ];
        for request in forged {
            assert_eq!(ada.send(request).await.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(api.seen().len(), 0, "{method}");
    }
    let honest = Request::post("/api/a").header("sec-fetch-site", "same-origin");
    assert_eq!(ada.send(honest).await.status, StatusCode::OK);
}

/// An API that says all that a browser would take for the application's word.
fn boastful(_: &super::api::Seen) -> Response {
    let mut headers = HeaderMap::new();
    for (name, value) in BOASTS.into_iter().chain([("x-content-type-options", "sniff")]) {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    (headers, "yes").into_response()
}

const BOASTS: [(&str, &str); 21] = [
    ("set-cookie", "auth_session=forged; Path=/"),
    ("set-cookie", "other=1"),
    ("set-cookie2", "a=b"),
    ("access-control-allow-origin", "https://evil.example"),
    ("access-control-allow-credentials", "true"),
    ("strict-transport-security", "max-age=0"),
    ("clear-site-data", "\"*\""),
    ("alt-svc", "h3=\"evil.example:443\""),
    ("nel", "{}"),
    ("report-to", "{}"),
    ("service-worker-allowed", "/"),
    ("www-authenticate", "Basic realm=\"your password\""),
    ("proxy-authenticate", "Basic"),
    ("keep-alive", "timeout=5"),
    ("connection", "x-hop"),
    ("x-hop", "a"),
    ("set-login", "logged-in"),
    // A web server in front would send its own file, and keep it for everybody.
    ("x-accel-redirect", "/etc/passwd"),
    ("x-accel-expires", "600"),
    ("x-sendfile", "/etc/passwd"),
    ("x-litespeed-cache-control", "public"),
];

#[tokio::test]
async fn backend_that_speaks_for_the_origin() {
    let (site, ada) = proxied(&Api::answering(boastful).await).await;
    let token = token_of(&site, &ada).await;
    let reply = ada.get("/api/a").await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "yes"));
    for (name, _) in BOASTS {
        assert!(!reply.headers.contains_key(name), "{name}");
    }
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(token_of(&site, &ada).await, token, "the session is as it was");
}

#[tokio::test]
async fn answer_in_a_shared_cache() {
    let api = Api::answering(|_| ([("cache-control", "max-age=600")], "Ada's").into_response()).await;
    let (_site, ada) = proxied(&api).await;
    let reply = ada.get("/api/a").await;
    let lines: Vec<_> = reply.headers.get_all("cache-control").iter().collect();
    assert_eq!(lines, ["max-age=600", "private"]);
    assert_eq!(reply.header("vary"), "Cookie");
}

#[tokio::test]
async fn token_or_cookie_in_an_error_or_the_log() {
    let (site, api) = (Site::open().await, Api::start().await);
    let authorize = site.auth.authorize(&api.url).unwrap();
    let proxy = site.auth.proxy("/api", &api.url).unwrap();
    let shown = format!("{authorize:?} {proxy:?} {:?}", authorize.layer(hyper()));
    let calls = ada_at(&site, calling(&site, authorize)).await;
    let ada = calls.at(proxying(&site, proxy));
    let first = token_of(&site, &ada).await;
    Listener::start();
    api.refuse_all();
    let replies =
        [calls.get("/call").await, ada.get("/api/a?q=s3cret").await, ada.get("/api/..?q=s3cret").await];
    let heard = Listener::stop();
    let second = token_of(&site, &ada).await;
    assert_ne!(first, second);
    let texts = replies.map(|reply| format!("{:?} {}", reply.headers.get("www-authenticate"), reply.body));
    let all = format!("{shown} {heard} {}", texts.join(" "));
    assert!(heard.contains("a request was not proxied"), "{heard}");
    for secret in ["s3cret", first.as_str(), second.as_str()] {
        assert!(!all.contains(secret));
    }
    for cookie in ada.cookies().values() {
        assert!(!all.contains(cookie.as_str()));
    }
}

/// Without the proof it would be refused, and with one of the sender's own it would be replayed.
#[tokio::test]
async fn bound_token_sent_on() {
    let api = Api::start().await;
    let here = "https://app.example";
    let policy =
        |config: ResourceServerConfigBuilder| config.with_base_url(here).with_dpop(DpopPolicy::new());
    let bearers = BearerApi::builder().quick().config(policy).open().await;
    let app = Router::new().nest_service("/api", bearers.auth.proxy("/api", &api.url).unwrap());
    let app = app.layer(bearers.auth.layer());
    let key = bearers.op.dpop_key();
    let token = bearers.token(BearerApi::ada().bound_to(key.thumbprint()));
    let request = Request::get("/api/a")
        .header("authorization", format!("DPoP {token}"))
        .header("dpop", key.proof("GET", &format!("{here}/api/a"), Some(&token), None));
    assert_eq!(send(app, request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(api.seen().len(), 0);
}

#[tokio::test]
async fn plaintext_address() {
    let config = AuthConfig::builder("http://127.0.0.1:1", "client", BASE_URL).add_session_key(SESSION_KEY);
    let auth = Auth::discover(config.build().unwrap()).await.unwrap();
    for address in
        ["http://api.shop.example", "http://127.0.0.1.evil.example", "http://10.0.0.1", "ftp://127.0.0.1"]
    {
        let errors = [
            auth.authorize(address).map(drop).unwrap_err(),
            auth.proxy("/api", address).map(drop).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains("must be https"), "{error}");
        }
    }
    assert!(auth.danger_authorize_over_http("http://api.shop.example").is_ok());
    assert!(auth.danger_proxy_over_http("/api", "http://api.shop.example/v1").is_ok());
}
