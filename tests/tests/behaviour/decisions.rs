//! Who passes, and what the others are told.

use auth_layer::ledger::Quota;
use auth_layer::token::{Requirement, Rule};
use auth_layer::{AccessToken, Session, User};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::{get, post};
use http::{Request, StatusCode};
use tests::Site;

struct WritesProducts;

impl Requirement for WritesProducts {
    const RULE: Rule = Rule::authenticated("write").with_scopes(&["read:products", "write:products"]);
}

#[tokio::test]
async fn a_stranger_who_calls_gets_401_with_a_challenge_and_a_problem() {
    let site = Site::open().await;
    let reply = site.visitor().get("/token").await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(reply.header("www-authenticate"), "Bearer");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.json()["status"], 401);
    assert_eq!(reply.header("cache-control"), "no-store, private");
}

#[tokio::test]
async fn a_stranger_who_opens_a_page_logs_in_and_is_back_where_he_was() {
    let site = Site::open().await;
    let visitor = site.visitor();
    let sent = visitor.open("/token?page=2&sort=a%20b").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let login = visitor.get(&sent.location()).await;
    let ada = auth_layer::testing::User::ada();
    let callback = site.op.browser().log_in(&ada, &login.location()).await.unwrap();
    let arrival = visitor.get(&callback[tests::BASE_URL.len()..]).await;
    assert_eq!(arrival.location(), "http://127.0.0.1:3000/token?page=2&sort=a%20b");
    assert_eq!(visitor.open("/token?page=2").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_missing_scope_is_403_that_names_what_is_required_and_what_is_missing() {
    let site = Site::open().await;
    let route = post(async |_: AccessToken<WritesProducts>| "written");
    let app = Router::new().route("/write", route).layer(site.auth.layer());
    let (ada, bob) = (site.ada().await, site.visitor());
    bob.log_in(&auth_layer::testing::User::bob()).await;
    assert_eq!(ada.at(app.clone()).send(Request::post("/write")).await.body, "written");
    let refused = bob.at(app).send(Request::post("/write")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let challenge = r#"Bearer error="insufficient_scope", scope="read:products write:products""#;
    assert_eq!(refused.header("www-authenticate"), challenge);
    assert_eq!(refused.json()["required_scopes"], serde_json::json!(["read:products", "write:products"]));
    assert_eq!(refused.json()["missing_scopes"], serde_json::json!(["write:products"]));
}

#[tokio::test]
async fn a_handler_without_its_layer_answers_500_and_is_never_open() {
    let visitor = Site::open().await.visitor();
    let app = Router::new()
        .route("/token", get(async |_: AccessToken| "open"))
        .route("/session", get(async |_: Option<Session>| "open"))
        .route("/user", get(async |_: Option<User>| "open"))
        .route("/maybe", get(async |_: Option<AccessToken>| "open"));
    for path in ["/token", "/session", "/user", "/maybe"] {
        let reply = visitor.at(app.clone()).get(path).await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(!reply.body.contains("open"));
    }
}

#[tokio::test]
async fn authentication_runs_before_the_path_and_the_body_are_read() {
    let site = Site::open().await;
    let route = post(async |_: AccessToken, _: Path<u32>, _: Bytes| "read");
    let app = Router::new().route("/items/{id}", route).layer(site.auth.layer());
    let stranger = site.visitor().at(app.clone()).send(Request::post("/items/not-a-number")).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    let ada = site.ada().await.at(app).send(Request::post("/items/not-a-number")).await;
    assert_eq!(ada.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn extractors_are_optional_where_a_handler_says_so() {
    let site = Site::open().await;
    let visitor = site.visitor();
    assert_eq!(visitor.get("/maybe").await.body, "null");
    assert_eq!(visitor.get("/user").await.body, "");
    visitor.log_in(&auth_layer::testing::User::carol()).await;
    assert!(!visitor.get("/maybe").await.token().is_empty());
    assert_eq!(visitor.get("/user").await.body, "acme|carol");
    let profile = visitor.get("/auth/profile").await.json();
    assert_eq!((profile["name"].as_str(), profile["nonce"].as_str()), (Some("Carol Shaw"), None));
}

#[tokio::test]
async fn the_access_token_route_is_off_until_it_is_switched_on() {
    let site = Site::open().await;
    let ada = site.ada().await;
    assert_eq!(ada.get("/auth/access-token").await.status, StatusCode::NOT_FOUND);
    let site =
        Site::builder().config(|config| config.with_access_token_path("/auth/access-token")).open().await;
    let ada = site.ada().await;
    assert_eq!(ada.get("/auth/access-token").await.token(), ada.get("/token").await.token());
    assert_eq!(site.visitor().get("/auth/access-token").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_service_without_extractors_finds_the_session_among_the_extensions() {
    use auth_layer::config::SessionLoading;
    let site = Site::builder()
        .config(|config| config.with_session_loading(SessionLoading::EachRequest))
        .open()
        .await;
    let plain = tower::service_fn(async |request: Request<axum::body::Body>| {
        let user = request.extensions().get::<User>().map(|user| user.subject().to_string());
        let token = request.extensions().get::<AccessToken>().is_some();
        let session = request.extensions().get::<Session>().is_some();
        let body = axum::body::Body::from(format!("{user:?} {token} {session}"));
        Ok::<_, std::convert::Infallible>(http::Response::new(body))
    });
    let app = Router::new().fallback_service(plain).layer(site.auth.layer());
    let ada = site.ada().await.at(app.clone());
    assert_eq!(ada.get("/x").await.body, r#"Some("local|ada") true true"#);
    assert_eq!(site.visitor().at(app).get("/x").await.body, "None false false");
    site.clock.advance(std::time::Duration::from_secs(3_600));
    let refreshed = ada.get("/x").await;
    assert_eq!(
        (refreshed.body.as_str(), refreshed.set_cookies().is_empty()),
        (r#"Some("local|ada") true true"#, false)
    );
}

#[tokio::test]
async fn a_token_asked_of_the_session_is_typed_by_what_it_proves_to_have() {
    let site = Site::open().await;
    let typed = async |session: Session| -> Result<String, auth_layer::gate::Rejection> {
        let token = session.access_token().await?.require::<WritesProducts>()?;
        Ok(token.scopes().to_string())
    };
    let app = Router::new().route("/typed", get(typed)).layer(site.auth.layer());
    let (ada, bob) = (site.ada().await, site.visitor());
    bob.log_in(&auth_layer::testing::User::bob()).await;
    assert_eq!(ada.at(app.clone()).get("/typed").await.status, StatusCode::OK);
    let refused = bob.at(app).get("/typed").await;
    assert_eq!(refused.json()["missing_scopes"], serde_json::json!(["write:products"]));
}

#[auth_layer::require_auth]
async fn plain(request: Request<axum::body::Body>) -> http::Response<axum::body::Body> {
    let user = request.extensions().get::<User>().map(|user| user.subject().to_string());
    http::Response::new(axum::body::Body::from(user.unwrap_or_default()))
}

#[tokio::test]
async fn a_plain_function_finds_whose_token_it_is_among_the_extensions() {
    let site = Site::open().await;
    let service = tower::service_fn(async |request| Ok::<_, std::convert::Infallible>(plain(request).await));
    let app = Router::new().fallback_service(service).layer(site.auth.layer());
    assert_eq!(site.ada().await.at(app.clone()).get("/x").await.body, "local|ada");
    let stranger = site.visitor().at(app).get("/x").await;
    assert_eq!((stranger.status, stranger.json()["status"].as_u64()), (StatusCode::UNAUTHORIZED, Some(401)));
}

#[tokio::test]
async fn the_ledger_agrees_with_the_tenants_log() {
    let site = Site::open().await;
    let visitors = [site.ada().await, site.ada().await, site.ada().await];
    for visitor in &visitors {
        visitor.get("/billing").await.token();
        site.clock.advance(std::time::Duration::from_secs(3_600));
        visitor.get("/token").await.token();
    }
    site.op.fault_times(
        auth_layer::testing::Endpoint::Token,
        auth_layer::testing::Fault::Error(400, "invalid_grant".into()),
        1,
    );
    visitors[0].get("/force").await;
    let report = site.auth.ledger().report();
    for (code, count) in [("s", 3), ("seacft", 3), ("sertft", 6), ("seccft", 0), ("fertft", 1)] {
        assert_eq!(report.count(code), count, "{code}");
        if code != "fertft" {
            // A fault answers before the provider's own processing, so its log knows nothing of it.
            assert_eq!(site.op.log_count(code) as u64, count, "{code} in the tenant's log");
        }
    }
    assert_eq!(report.m2m_quota_consumed, 0);
    assert!(report.lines.iter().all(|line| line.quota == Quota::NotCounted && !line.why.is_empty()));
}
