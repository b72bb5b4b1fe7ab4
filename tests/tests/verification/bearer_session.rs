//! A bearer token where users log in by cookie: neither lends the other what it lacks (RFC 6750 §2, RFC 9700 §4.7).

use auth_layer::testing::{TestAccessToken, User, bearer};
use auth_layer::{AccessToken, Session};
use axum::Router;
use axum::routing::{get, post};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request, StatusCode};
use tests::{Reply, SHOP, Site, Visitor};

async fn both() -> Site {
    Site::builder().bearer(|config| config).open().await
}

fn client(site: &Site) -> String {
    site.op.issue_access_token(TestAccessToken::for_client("worker").with_audience(SHOP))
}

async fn with(visitor: &Visitor, method: Method, path: &str, value: &HeaderValue) -> Reply {
    visitor.send(Request::builder().method(method).uri(path).header(AUTHORIZATION, value)).await
}

#[tokio::test]
async fn any_bearer_token_on_a_session_route() {
    // CVE-2022-29226: whoever brought a bearer token, any at all, was let past the login.
    let site = both().await;
    let good = client(&site);
    for value in ["x", "null", "undefined", good.as_str(), "eyJhbGciOiJub25lIn0.e30."].map(bearer) {
        for visitor in [site.visitor(), site.ada().await] {
            for path in ["/session", "/force", "/billing", "/three-times", "/auth/profile"] {
                let reply = with(&visitor, Method::GET, path, &value).await;
                assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path}: {reply:?}");
                assert!(!reply.body.contains("local|ada") && reply.set_cookies().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn bearer_token_that_lends_a_session_its_proof_of_origin() {
    // The cookie alone needs the proof; a header that any script may add must not take its place.
    let site = both().await;
    let app = Router::new()
        .route("/change", post(async |_: Session| "changed"))
        .route("/maybe", post(async |session: Option<Session>| format!("{}", session.is_some())))
        .layer(site.auth.layer());
    let ada = site.ada().await.at(app);
    for (value, status) in [
        (bearer("x"), StatusCode::UNAUTHORIZED),
        (bearer(&client(&site)), StatusCode::UNAUTHORIZED),
        (HeaderValue::from_static("Bearer"), StatusCode::BAD_REQUEST),
    ] {
        let post = |path: &str| {
            ada.send(Request::post(path).header("sec-fetch-site", "cross-site").header(AUTHORIZATION, &value))
        };
        assert_eq!(post("/change").await.status, status);
        assert_eq!(post("/maybe").await.body, "false", "there is no session to change anything of");
    }
    let basic = HeaderValue::from_static("Basic dTpw");
    let request =
        Request::post("/change").header("sec-fetch-site", "cross-site").header(AUTHORIZATION, basic);
    assert_eq!(ada.send(request).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn logout_by_a_post_of_another_site_with_a_bearer_token() {
    let site = both().await;
    let ada = site.ada().await;
    for value in [bearer("x"), bearer(&client(&site))] {
        let request = Request::post("/auth/logout").header("sec-fetch-site", "cross-site");
        let reply = ada.send(request.header(AUTHORIZATION, &value)).await;
        assert_eq!((reply.status, reply.set_cookies().len()), (StatusCode::FORBIDDEN, 0), "{reply:?}");
    }
    assert_eq!(ada.get("/user").await.body, "local|ada");
    let own = Request::post("/auth/logout").header("sec-fetch-site", "same-origin");
    assert_eq!(ada.send(own.header(AUTHORIZATION, bearer("x"))).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ada.get("/user").await.body, "", "she has logged out");
}

#[tokio::test]
async fn session_cookie_as_a_bearer_token_and_the_reverse() {
    let site = both().await;
    let ada = site.ada().await;
    for (name, value) in ada.cookies() {
        let reply = with(&site.visitor(), Method::GET, "/token", &bearer(&value)).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{name}");
    }
    // The session's own access token is a bearer token of this API, as for everyone else who holds it.
    let token = ada.get("/token").await.token();
    let pasted = site.visitor();
    pasted.set_cookie("auth_session", &token);
    assert_eq!(pasted.get("/session").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn token_of_one_user_beside_the_session_of_another() {
    let site = both().await;
    let handler = async |user: Option<auth_layer::User>, token: AccessToken, session: Option<Session>| {
        let user = user.map(|user| user.subject().to_string());
        format!("{user:?} {:?} {}", token.subject().map(|name| name.to_string()), session.is_some())
    };
    let app = Router::new().route("/", get(handler)).layer(site.auth.layer());
    let ada = site.ada().await.at(app);
    let bob = TestAccessToken::new(User::bob().subject()).with_audience(SHOP);
    let bob = site.op.issue_access_token(bob);
    for _ in 0..2 {
        let reply = with(&ada, Method::GET, "/", &bearer(&bob)).await;
        assert_eq!(reply.body, r#"Some("local|bob") Some("local|bob") false"#, "never a mixture");
        assert_eq!(ada.get("/").await.body, r#"Some("local|ada") None true"#);
    }
}

#[tokio::test]
async fn scopes_of_the_session_for_a_token_without() {
    let site = both().await;
    let ada = site.ada().await;
    let scopes = |reply: Reply| reply.json()["scope"].as_str().unwrap().to_owned();
    assert!(scopes(ada.get("/token").await).contains("write:products"));
    let bare = site.op.issue_access_token(TestAccessToken::new("local|ada").with_audience(SHOP));
    assert_eq!(scopes(with(&ada, Method::GET, "/token", &bearer(&bare)).await), "");
}
