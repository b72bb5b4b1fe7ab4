//! The proxy: who passes, what the API is asked, and what of its answer the browser gets.

use std::time::Duration;

use auth_layer::gate::{Rejection, RejectionKind};
use auth_layer::outbound::proxy::{ProxyError, ProxyErrorKind};
use auth_layer::testing::{Endpoint, Fault, bearer};
use auth_layer::token::Rule;
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Redirect};
use http::{Request, StatusCode};
use tests::{Api as BearerApi, BILLING, SHOP, Site, send, send_with_body};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::api::{Api, ada_at, proxying, token_of};

#[tokio::test]
async fn a_request_is_passed_on_as_it_is_with_the_users_token() {
    let (site, api) = (Site::open().await, Api::start().await);
    let proxy = site.auth.proxy("/api", &format!("{}/v1", api.url)).unwrap();
    let ada = ada_at(&site, proxying(&site, proxy)).await;
    let request =
        Request::get("/api/products/%C3%A9?b='c'&d=%2e%2e/").header("x-own", "a").header("accept", "b/c");
    let reply = ada.send(request).await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "yes"));
    let seen = api.last();
    assert_eq!(seen.path, "/v1/products/%C3%A9?b='c'&d=%2e%2e/");
    assert_eq!(
        (seen.header("x-own"), seen.header("accept"), seen.header("via")),
        ("a", "b/c", "1.1 auth-layer")
    );
    assert_eq!(seen.token(), token_of(&site, &ada).await);
    assert!(api.url.ends_with(seen.header("host")));
}

#[tokio::test]
async fn a_method_and_a_body_are_passed_on() {
    let (site, api) = (Site::open().await, Api::start().await);
    let app = proxying(&site, site.auth.proxy("/api", &api.url).unwrap());
    let ada = ada_at(&site, app.clone()).await;
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        let cookies: Vec<_> = ada.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            Request::builder().method(method).uri("/api/orders").header("cookie", cookies.join("; "));
        let request = request.header("content-type", "text/plain").header("sec-fetch-site", "same-origin");
        assert_eq!(send_with_body(app.clone(), request, "an order").await.status, StatusCode::OK, "{method}");
        let seen = api.last();
        assert_eq!((seen.method.as_str(), &seen.body[..]), (method, &b"an order"[..]));
        assert_eq!((seen.header("content-type"), seen.header("content-length")), ("text/plain", "8"));
    }
}

#[tokio::test]
async fn a_stranger_is_refused_as_at_any_protected_handler_and_nothing_is_asked() {
    let (site, api) = (Site::open().await, Api::start().await);
    let app = proxying(&site, site.auth.proxy("/api", &api.url).unwrap());
    let stranger = site.visitor().at(app.clone());
    let (call, mut protected) = (stranger.get("/api/a").await, stranger.at(site.app()).get("/token").await);
    protected.headers.remove("content-length");
    assert_eq!(call.status, StatusCode::UNAUTHORIZED);
    assert_eq!((&call.body, &call.headers), (&protected.body, &protected.headers));
    let page = stranger.open("/api/a?b").await;
    assert_eq!(
        (page.status, page.location().as_str()),
        (StatusCode::SEE_OTHER, "/auth/login?returnTo=/api/a%3Fb")
    );
    let response = app.oneshot(Request::get("/api/a").body(Body::empty()).unwrap()).await.unwrap();
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert_eq!((rejection.kind(), api.seen().len()), (RejectionKind::Unauthenticated, 0));
}

#[tokio::test]
async fn a_proxy_without_its_layer_is_closed() {
    let (site, api) = (Site::open().await, Api::start().await);
    let app = Router::new().nest_service("/api", site.auth.proxy("/api", &api.url).unwrap());
    assert_eq!(send(app, Request::get("/api/a")).await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(api.seen().len(), 0);
}

#[tokio::test]
async fn a_scope_that_is_missing_keeps_the_api_from_being_asked() {
    let (site, api) = (Site::open().await, Api::start().await);
    let proxy = || site.auth.proxy("/api", &api.url).unwrap();
    let refused = ada_at(&site, proxying(&site, proxy().with_scopes(["read:products", "admin"]))).await;
    let reply = refused.get("/api/a").await;
    assert_eq!((reply.status, api.seen().len()), (StatusCode::FORBIDDEN, 0));
    assert_eq!(reply.json()["missing_scopes"], serde_json::json!(["admin"]));
    assert!(reply.header("www-authenticate").contains(r#"error="insufficient_scope""#));
    let passed = ada_at(&site, proxying(&site, proxy().with_scopes(["read:products"]))).await;
    assert_eq!(passed.get("/api/a").await.status, StatusCode::OK);
    let roles = proxy().with_rule(Rule::authenticated("the reports").with_roles(&["auditor"]));
    assert_eq!(ada_at(&site, proxying(&site, roles)).await.get("/api/a").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_token_of_another_audience_is_sent_where_it_was_named() {
    let scopes = "openid offline_access read:products read:invoices";
    let site = Site::builder().config(move |config| config.with_scopes(scopes)).open().await;
    let api = Api::start().await;
    let proxy =
        site.auth.proxy("/api", &api.url).unwrap().with_audience(BILLING).with_scopes(["read:invoices"]);
    let ada = ada_at(&site, proxying(&site, proxy)).await;
    assert_eq!(ada.get("/api/invoices").await.status, StatusCode::OK);
    assert_eq!(api.last().token(), ada.at(site.app()).get("/billing").await.token());
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_browser_is_told_nothing_of_it() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, proxying(&site, site.auth.proxy("/api", &api.url).unwrap())).await;
    api.refuse(&token_of(&site, &ada).await);
    let reply = ada.get("/api/a").await;
    assert_eq!((reply.status, api.seen().len(), site.refreshes()), (StatusCode::OK, 2, 1));
    assert!(!reply.set_cookies().is_empty(), "the response saves the new token");
    assert_eq!(api.last().token(), token_of(&site, &ada).await);

    site.clock.advance(Duration::from_secs(10));
    api.refuse_all();
    let reply = ada.get("/api/a").await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (StatusCode::BAD_GATEWAY, ""));
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!((api.seen().len(), site.refreshes()), (4, 2));
}

#[tokio::test]
async fn a_body_that_is_gone_asks_the_browser_to_send_it_again() {
    let (site, api) = (Site::open().await, Api::start().await);
    let app = proxying(&site, site.auth.proxy("/api", &api.url).unwrap());
    let ada = ada_at(&site, app.clone()).await;
    api.refuse(&token_of(&site, &ada).await);
    let post = |cookies: std::collections::BTreeMap<String, String>| {
        let cookies: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::post("/api/orders").header("cookie", cookies.join("; "));
        send_with_body(app.clone(), request.header("sec-fetch-site", "same-origin"), "an order")
    };
    let reply = post(ada.cookies()).await;
    assert_eq!((reply.status, reply.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    assert_eq!((api.seen().len(), site.refreshes()), (1, 1));
    for line in reply.set_cookies() {
        let (name, value) = line.split_once(';').unwrap().0.split_once('=').unwrap();
        ada.set_cookie(name, value);
    }
    assert_eq!(post(ada.cookies()).await.status, StatusCode::OK);
    assert_eq!((api.last().body, site.refreshes()), ("an order".into(), 1));
}

#[tokio::test]
async fn a_grant_that_is_dead_ends_the_session_as_anywhere() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, proxying(&site, site.auth.proxy("/api", &api.url).unwrap())).await;
    api.refuse(&token_of(&site, &ada).await);
    site.op.revoke_grants(&auth_layer::testing::User::ada());
    let reply = ada.get("/api/a").await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    assert!(ada.cookies().is_empty(), "the session is over");
}

#[tokio::test]
async fn a_provider_that_is_away_is_a_bad_gateway_and_ends_nothing() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, proxying(&site, site.auth.proxy("/api", &api.url).unwrap())).await;
    let token = token_of(&site, &ada).await;
    api.refuse(&token);
    site.op.fault(Endpoint::Token, Fault::Status(503));
    assert_eq!(ada.get("/api/a").await.status, StatusCode::BAD_GATEWAY);
    assert_eq!(token_of(&site, &ada).await, token);
}

#[tokio::test]
async fn an_answer_that_is_not_about_our_token_is_the_browsers() {
    let site = Site::open().await;
    for status in [204, 301, 304, 400, 403, 404, 409, 422, 429, 500, 503] {
        let api = Api::answering(move |_| StatusCode::from_u16(status).unwrap().into_response()).await;
        let ada = ada_at(&site, proxying(&site, site.auth.proxy("/api", &api.url).unwrap())).await;
        assert_eq!(ada.get("/api/a").await.status.as_u16(), status);
    }
    // A 401 about something else is told, without the API's own challenge: a browser would ask for a password.
    let api = Api::start().await;
    api.challenge(r#"Basic realm="the API", Bearer error="insufficient_user_authentication""#);
    api.refuse_all();
    let ada = ada_at(&site, proxying(&site, site.auth.proxy("/api", &api.url).unwrap())).await;
    let reply = ada.get("/api/a").await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::UNAUTHORIZED, "who?"));
    assert_eq!((reply.header("www-authenticate"), site.refreshes()), ("Bearer", 0));
}

#[tokio::test]
async fn an_api_that_is_away_is_a_bad_gateway_that_names_nothing() {
    let site = Site::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let proxy = site.auth.proxy("/api", &format!("http://127.0.0.1:{port}")).unwrap();
    let app = proxying(&site, proxy);
    drop(listener);
    let ada = ada_at(&site, app).await;
    let reply = ada.get("/api/a?s3cret").await;
    assert_eq!(reply.status, StatusCode::BAD_GATEWAY);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert!(!reply.body.contains(&port) && !reply.body.contains("s3cret"), "{}", reply.body);
}

#[tokio::test]
async fn an_api_that_says_nothing_is_a_gateway_timeout() {
    let site = Site::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let proxy = site.auth.proxy("/api", &url).unwrap().with_timeout(Duration::from_millis(50));
    let ada = ada_at(&site, proxying(&site, proxy)).await;
    assert_eq!(ada.get("/api/a").await.status, StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn a_bearer_token_passes_where_bearer_tokens_are_taken_and_is_sent_to_its_audience_alone() {
    let bearers = BearerApi::quick().await;
    let api = Api::start().await;
    let token = bearers.fresh();
    let call = |proxy: auth_layer::outbound::Proxy| {
        let app = Router::new().nest_service("/api", proxy).layer(bearers.auth.layer());
        send(app, Request::get("/api/a").header("authorization", bearer(&token)))
    };
    let proxy = || bearers.auth.proxy("/api", &api.url).unwrap();
    assert_eq!(call(proxy()).await.status, StatusCode::OK);
    assert_eq!(api.last().token(), token);
    assert_eq!(call(proxy().with_audience(SHOP)).await.status, StatusCode::OK);
    assert_eq!(call(proxy().with_audience(BILLING)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(api.seen().len(), 2);
    // Its sender has no other, and is told that the API would not have it.
    api.refuse(&token);
    assert_eq!(call(proxy()).await.status, StatusCode::BAD_GATEWAY);
    assert_eq!(api.seen().len(), 3);
}

#[tokio::test]
async fn sockets_and_methods_that_cannot_be_passed_on_are_said_to_be_so() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, proxying(&site, site.auth.proxy("/api", &api.url).unwrap())).await;
    let socket = Request::get("/api/a").header("connection", "upgrade").header("upgrade", "websocket");
    let reply = ada.send(socket.header("sec-fetch-site", "same-origin")).await;
    assert_eq!(reply.status, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    let trace = Request::builder().method("TRACE").uri("/api/a").header("sec-fetch-site", "same-origin");
    assert_eq!(ada.send(trace).await.status, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(api.seen().len(), 0);
}

#[tokio::test]
async fn a_redirect_is_the_browsers_to_follow() {
    let site = Site::open().await;
    let api = Api::answering(|_| Redirect::to("/v1/orders/2?new").into_response()).await;
    let proxy = site.auth.proxy("/api", &format!("{}/v1", api.url)).unwrap();
    let ada = ada_at(&site, proxying(&site, proxy)).await;
    let reply = ada.get("/api/orders").await;
    assert_eq!((reply.status, reply.location().as_str()), (StatusCode::SEE_OTHER, "/api/orders/2?new"));
    assert_eq!(api.seen().len(), 1);
}

#[tokio::test]
async fn it_is_routed_in_every_way_and_a_guarded_router_shows_its_rule() {
    let (site, api) = (Site::open().await, Api::start().await);
    let proxy = || site.auth.proxy("/api/*", &api.url).unwrap().with_scopes(["read:products"]);
    let guarded = auth_layer::axum::Router::new().nest_service("/api", proxy());
    let rules: Vec<_> = guarded.access_table().iter().map(|row| row.rule().unwrap().scopes()).collect();
    assert_eq!(rules, [["read:products"]]);
    let routed: [(&str, Router); 5] = [
        ("nested", Router::new().nest_service("/api", proxy())),
        ("routed", Router::new().route_service("/api/{*rest}", proxy())),
        ("deep", Router::new().nest("/app", Router::new().nest_service("/api", proxy()))),
        ("fallback", Router::new().fallback_service(proxy())),
        ("guarded", guarded.into_axum()),
    ];
    let ada = site.ada().await;
    for (name, app) in routed {
        let path = if name == "deep" { "/app/api/products/1?a" } else { "/api/products/1?a" };
        let reply = ada.at(app.layer(site.auth.layer())).get(path).await;
        assert_eq!((reply.status, api.last().path.as_str()), (StatusCode::OK, "/products/1?a"), "{name}");
    }
    // Without a router it is a service as any other.
    let plain = site.auth.layer();
    let plain = tower::Layer::layer(&plain, proxy());
    let cookies: Vec<_> = ada.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::get("/api/plain").header("cookie", cookies.join("; "));
    let response = plain.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!((response.status(), api.last().path.as_str()), (StatusCode::OK, "/plain"));
    let request = Request::get("/other").header("cookie", cookies.join("; "));
    let response = plain.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let error = response.extensions().get::<ProxyError>().unwrap();
    assert_eq!((response.status(), error.kind()), (StatusCode::NOT_FOUND, ProxyErrorKind::Elsewhere));
}
