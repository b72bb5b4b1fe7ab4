//! Bearer tokens at services without extractors: plain functions, and what the layer puts among the extensions.

use std::convert::Infallible;

use auth_layer::config::SessionLoading;
use auth_layer::gate::Rejection;
use auth_layer::testing::{TestAccessToken, User as Known, bearer};
use auth_layer::{AccessToken, Session, User, require_auth};
use axum::Router;
use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode};
use tests::{Api, Reply, SHOP, Site, Visitor, send};

#[require_auth(scopes = ["read:products"])]
async fn plain(request: Request<Body>, token: AccessToken) -> Response<Body> {
    Response::new(Body::from(format!("{} {:?}", extensions(&request), token.source())))
}

/// What of ours is among a request's extensions.
fn extensions(request: &Request<Body>) -> String {
    let found = request.extensions();
    let user = found.get::<User>().map(|user| user.subject().to_string());
    let token = found.get::<AccessToken>().map(|token| format!("{:?}", token.source()));
    let rejection = found.get::<Rejection>().map(|rejection| format!("{:?}", rejection.kind()));
    format!("{user:?} {token:?} {} {rejection:?}", found.get::<Session>().is_some())
}

fn plain_app() -> Router {
    let service = tower::service_fn(async |request| Ok::<_, Infallible>(plain(request).await));
    Router::new().fallback_service(service)
}

fn telling_app() -> Router {
    let tell =
        async |request: Request<Body>| Ok::<_, Infallible>(Response::new(Body::from(extensions(&request))));
    Router::new().fallback_service(tower::service_fn(tell))
}

#[tokio::test]
async fn a_plain_function_gets_the_token_and_finds_its_user() {
    let api = Api::open().await;
    let app = plain_app().layer(api.auth.layer());
    let get = async |token: TestAccessToken| {
        send(app.clone(), Request::get("/x").header(AUTHORIZATION, bearer(&api.token(token)))).await
    };
    for _ in 0..2 {
        assert_eq!(get(Api::ada()).await.body, r#"Some("local|ada") None false None Bearer"#);
    }
    let client = TestAccessToken::for_client("worker").with_scopes("read:products");
    assert_eq!(get(client).await.body, "None None false None Bearer", "a client is no user");
    let lacking = get(Api::ada().with_scopes("write:products")).await;
    assert_eq!(
        (lacking.status, &lacking.json()["error"]),
        (StatusCode::FORBIDDEN, &"insufficient_scope".into())
    );
}

#[tokio::test]
async fn a_plain_function_refuses_with_the_status_the_challenge_and_the_problem() {
    let api = Api::open().await;
    let app = plain_app().layer(api.auth.layer());
    for (value, status, error) in [
        (None, 401, serde_json::Value::Null),
        (Some("Bearer bad"), 401, "invalid_token".into()),
        (Some("Bearer"), 400, "invalid_request".into()),
    ] {
        let request = Request::post("/x");
        let request = match value {
            Some(value) => request.header(AUTHORIZATION, value),
            None => request,
        };
        let reply = send(app.clone(), request).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (status, &error), "{value:?}");
        assert!(reply.header("www-authenticate").starts_with("Bearer realm="), "{value:?}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn a_plain_function_without_its_layer_is_closed() {
    let reply = send(plain_app(), Request::get("/x").header(AUTHORIZATION, "Bearer x")).await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
}

async fn each_request() -> Site {
    Site::builder()
        .bearer(|config| config)
        .config(|config| config.with_session_loading(SessionLoading::EachRequest))
        .open()
        .await
}

async fn with(visitor: &Visitor, value: impl TryInto<http::HeaderValue>) -> Reply {
    let value = value.try_into().ok().expect("a header value");
    visitor.send(Request::get("/x").header(AUTHORIZATION, value)).await
}

#[tokio::test]
async fn loaded_with_each_request_the_token_wins_and_a_bad_one_is_a_rejection() {
    let site = each_request().await;
    let ada = site.ada().await.at(telling_app().layer(site.auth.layer()));
    let bob = site.op.issue_access_token(TestAccessToken::new(Known::bob().subject()).with_audience(SHOP));
    let client = site.op.issue_access_token(TestAccessToken::for_client("worker").with_audience(SHOP));
    assert_eq!(ada.get("/x").await.body, r#"Some("local|ada") Some("Session") true None"#);
    assert_eq!(with(&ada, bearer(&bob)).await.body, r#"Some("local|bob") Some("Bearer") false None"#);
    assert_eq!(with(&ada, bearer(&client)).await.body, r#"None Some("Bearer") false None"#);
    assert_eq!(with(&ada, "Bearer bad").await.body, r#"None None false Some("InvalidToken")"#);
    assert_eq!(with(&ada, "Bearer").await.body, r#"None None false Some("InvalidRequest")"#);
    assert_eq!(with(&ada, "Basic dTpw").await.body, r#"Some("local|ada") Some("Session") true None"#);
    assert_eq!(
        site.visitor().at(telling_app().layer(site.auth.layer())).get("/x").await.body,
        "None None false None"
    );
}

#[tokio::test]
async fn loaded_with_each_request_a_token_sets_no_cookie_though_the_session_is_due() {
    let site = each_request().await;
    let ada = site.ada().await.at(telling_app().layer(site.auth.layer()));
    site.clock.advance(std::time::Duration::from_secs(7_200));
    let bob = site.op.issue_access_token(TestAccessToken::new(Known::bob().subject()).with_audience(SHOP));
    for value in [bearer(&bob), http::HeaderValue::from_static("Bearer bad")] {
        assert!(with(&ada, value).await.set_cookies().is_empty());
    }
    assert_eq!(site.refreshes(), 0);
    assert!(!ada.get("/x").await.set_cookies().is_empty(), "it was due");
}

#[tokio::test]
async fn plain_functions_work_beside_loading_with_each_request() {
    let site = each_request().await;
    let app = plain_app().layer(site.auth.layer());
    let visitor = site.visitor().at(app);
    let bob = TestAccessToken::new(Known::bob().subject()).with_audience(SHOP).with_scopes("read:products");
    let reply = with(&visitor, bearer(&site.op.issue_access_token(bob))).await;
    assert_eq!(reply.body, r#"Some("local|bob") Some("Bearer") false None Bearer"#);
    assert_eq!(with(&visitor, "Bearer bad").await.status, StatusCode::UNAUTHORIZED);
}
