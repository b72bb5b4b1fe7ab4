//! Sessions and bearer tokens on one handler: the Authorization header wins, and leaves the session alone.

use std::time::Duration;

use auth_layer::testing::{Endpoint, IdentityProvider, TestAccessToken, User, bearer};
use auth_layer::{AccessToken, Session};
use axum::Router;
use axum::routing::get;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, StatusCode};
use serde_json::json;
use tests::{Reply, SHOP, Site, Visitor};

const CHALLENGE: &str = r#"Bearer realm="https://api.shop.example""#;
const INVALID: &str = r#"Bearer realm="https://api.shop.example", error="invalid_token""#;
const HOUR: Duration = Duration::from_secs(3_600);

/// A site that logs users in, and takes bearer tokens as well.
async fn both() -> Site {
    Site::builder().bearer(|config| config).open().await
}

/// A token of Bob's, so that it is told from Ada's session.
fn bobs(op: &IdentityProvider) -> String {
    op.issue_access_token(TestAccessToken::new(User::bob().subject()).with_audience(SHOP))
}

async fn get_with(visitor: &Visitor, path: &str, header: &HeaderValue) -> Reply {
    visitor.send(Request::get(path).header(AUTHORIZATION, header)).await
}

#[tokio::test]
async fn the_authorization_header_wins_over_the_session() {
    let site = both().await;
    let (ada, token) = (site.ada().await, bobs(&site.op));
    assert_ne!(ada.get("/token").await.token(), token);
    let header = bearer(&token);
    assert_eq!(get_with(&ada, "/token", &header).await.token(), token);
    assert_eq!(get_with(&ada, "/user", &header).await.body, "local|bob");
    assert_eq!(get_with(&ada, "/maybe", &header).await.token(), token);
    let session = get_with(&ada, "/session", &header).await;
    assert_eq!(session.status, StatusCode::UNAUTHORIZED, "a request with a token has no session");
    assert!(session.body.contains("where a session is wanted"), "{}", session.body);
    assert_eq!(ada.get("/user").await.body, "local|ada", "and the session is as it was");
}

#[tokio::test]
async fn a_bad_token_is_refused_whatever_session_comes_with_it() {
    let site = both().await;
    let ada = site.ada().await;
    let expired = site.op.issue_access_token(TestAccessToken::new("local|ada").with_claim("exp", 1));
    let foreign =
        site.op.issue_access_token(TestAccessToken::new("local|ada").with_audience("https://x.example"));
    for (name, value) in [
        ("nonsense", bearer("nonsense")),
        ("expired", bearer(&expired)),
        ("of another API", bearer(&foreign)),
        ("bytes", HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap()),
    ] {
        for path in ["/token", "/user", "/maybe"] {
            let reply = get_with(&ada, path, &value).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{name} at {path}");
            assert_eq!(reply.header("www-authenticate"), INVALID, "{name} at {path}");
            assert!(reply.set_cookies().is_empty(), "{name} at {path}: {reply:?}");
        }
        let reply = get_with(&ada, "/session", &value).await;
        assert_eq!((reply.status, reply.set_cookies().len()), (StatusCode::UNAUTHORIZED, 0), "{name}");
    }
    assert_eq!(ada.get("/user").await.body, "local|ada");
}

#[tokio::test]
async fn credentials_of_another_scheme_leave_the_session_alone() {
    let site = both().await;
    let (ada, basic) = (site.ada().await, HeaderValue::from_static("Basic c3RhZ2luZzpzdGFnaW5n"));
    assert_eq!(get_with(&ada, "/user", &basic).await.body, "local|ada");
    assert_eq!(get_with(&ada, "/session", &basic).await.body, "local|ada");
    let stranger = get_with(&site.visitor(), "/token", &basic).await;
    assert_eq!((stranger.status, stranger.header("www-authenticate")), (StatusCode::UNAUTHORIZED, CHALLENGE));
}

#[tokio::test]
async fn a_post_with_a_token_needs_no_proof_of_its_origin() {
    let site = both().await;
    let change = axum::routing::post(async |token: AccessToken| format!("{:?}", token.source()));
    let app = Router::new().route("/change", change).layer(site.auth.layer());
    let ada = site.ada().await.at(app);
    let cross_site = || Request::post("/change").header("sec-fetch-site", "cross-site");
    assert_eq!(ada.send(cross_site()).await.status, StatusCode::FORBIDDEN, "on the strength of a cookie");
    let token = bearer(&bobs(&site.op));
    assert_eq!(ada.send(cross_site().header(AUTHORIZATION, token)).await.body, "Bearer");
    let bad = ada.send(cross_site().header(AUTHORIZATION, "Bearer bad")).await;
    assert_eq!(bad.status, StatusCode::UNAUTHORIZED);
    let basic = ada.send(cross_site().header(AUTHORIZATION, "Basic dTpw")).await;
    assert_eq!(basic.status, StatusCode::FORBIDDEN, "a browser sends this one by itself");
}

#[tokio::test]
async fn a_request_with_a_token_sets_no_cookie_though_the_session_is_due() {
    let site = both().await;
    let (due, late, gone) = (site.ada().await, site.ada().await, site.ada().await);
    gone.set_cookie("auth_session", "broken");
    site.clock.advance(HOUR * 2);
    let token = bearer(&bobs(&site.op));
    for visitor in [&due, &late, &gone] {
        for path in ["/token", "/user", "/maybe", "/cached", "/session", "/open"] {
            let reply = get_with(visitor, path, &token).await;
            let ours: Vec<_> =
                reply.set_cookies().into_iter().filter(|line| line.starts_with("auth_")).collect();
            assert!(ours.is_empty(), "{path}: {ours:?}");
        }
    }
    assert_eq!(site.refreshes(), 0, "nor is the session's token refreshed");
    assert!(!due.get("/token").await.set_cookies().is_empty(), "it was due");
    assert!(gone.get("/user").await.set_cookies().iter().any(|line| line.contains("Max-Age=0")));
}

#[tokio::test]
async fn a_page_that_is_opened_with_a_bad_token_is_401_and_never_a_redirect() {
    let site = both().await;
    let open =
        || Request::get("/token").header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document");
    let stranger = site.visitor();
    assert_eq!(stranger.send(open()).await.status, StatusCode::SEE_OTHER);
    for value in ["Bearer bad", "Bearer", "Bearer a b", "DPoP bad"] {
        for visitor in [&stranger, &site.ada().await] {
            let reply = visitor.send(open().header(AUTHORIZATION, value)).await;
            assert!(matches!(reply.status.as_u16(), 400 | 401), "{value}: {reply:?}");
            assert_eq!(reply.header("location"), "", "{value}");
        }
    }
    // The page wants a session, and the token is good: it is a call all the same.
    let session = Request::get("/session").header("sec-fetch-mode", "navigate");
    let reply = stranger.send(session.header(AUTHORIZATION, bearer(&bobs(&site.op)))).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::UNAUTHORIZED, ""));
}

#[tokio::test]
async fn a_clients_token_is_no_user_also_beside_a_users_session() {
    let site = both().await;
    let ada = site.ada().await;
    let client = site.op.issue_access_token(TestAccessToken::for_client("worker").with_audience(SHOP));
    let reply = get_with(&ada, "/user", &bearer(&client)).await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, ""), "Option<User> is None, never Ada");
    let app = Router::new()
        .route("/must", get(async |user: auth_layer::User| user.subject().to_string()))
        .layer(site.auth.layer());
    let reply = get_with(&ada.at(app), "/must", &bearer(&client)).await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (StatusCode::FORBIDDEN, ""));
    assert!(reply.body.contains("stands for a client"), "{reply:?}");
}

#[tokio::test]
async fn a_handler_that_takes_all_gets_the_tokens_part_of_it() {
    let site = both().await;
    let handler = async |session: Option<Session>, user: auth_layer::User, token: AccessToken| {
        format!("{} {} {:?}", session.is_some(), user.subject(), token.source())
    };
    let app = Router::new().route("/all", get(handler)).layer(site.auth.layer());
    let ada = site.ada().await.at(app);
    assert_eq!(ada.get("/all").await.body, "true local|ada Session");
    assert_eq!(get_with(&ada, "/all", &bearer(&bobs(&site.op))).await.body, "false local|bob Bearer");
}

#[tokio::test]
async fn the_login_routes_work_beside_bearer_tokens() {
    let site = both().await;
    let visitor = site.visitor();
    // No cookie came with the first request of a login, and none with a stranger's logout.
    assert_eq!(visitor.get("/auth/logout").await.status, StatusCode::SEE_OTHER);
    assert_eq!(visitor.get("/auth/profile").await.status, StatusCode::UNAUTHORIZED);
    visitor.log_in(&User::ada()).await;
    assert_eq!(visitor.get("/auth/profile").await.json()["name"], json!("Ada Lovelace"));
    let token = bearer(&bobs(&site.op));
    let profile = get_with(&visitor, "/auth/profile", &token).await;
    assert_eq!(profile.status, StatusCode::UNAUTHORIZED, "the profile is the session's");
    assert_eq!(visitor.get("/auth/logout").await.status, StatusCode::SEE_OTHER);
    assert_eq!(visitor.get("/session").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_resource_server_the_header_is_not_looked_at() {
    let site = Site::open().await;
    let token = bearer(&bobs(&site.op));
    assert_eq!(get_with(&site.ada().await, "/user", &token).await.body, "local|ada");
    let stranger = get_with(&site.visitor(), "/token", &token).await;
    assert_eq!((stranger.status, stranger.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    assert_eq!(site.op.calls(Endpoint::Introspection), 0);
}
