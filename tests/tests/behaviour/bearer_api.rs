//! An API that takes bearer tokens of one issuer.

use std::time::Duration;

use auth_layer::testing::{Endpoint, TestAccessToken, bearer};
use auth_layer::{AccessToken, User};
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use http::header::{AUTHORIZATION, COOKIE};
use http::{Method, Request, StatusCode, Version};
use serde_json::{Value, json};
use tests::{Api, SHOP, START};

const CHALLENGE: &str = r#"Bearer realm="https://api.shop.example""#;

#[tokio::test]
async fn a_good_token_passes_and_says_whose_it_is() {
    let api = Api::open().await;
    let reply = api.issued(Api::ada().with_claim("jti", "one")).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let expected = json!({
        "source": "Bearer",
        "principal": "User",
        "subject": "local|ada",
        "client": "shop",
        "issuer": api.op.issuer(),
        "audience": SHOP,
        "scopes": "read:products",
        "id": "one",
        "expires_at": START + 3_600,
    });
    assert_eq!(reply.json(), expected);
    assert!(reply.set_cookies().is_empty());
}

#[tokio::test]
async fn a_call_without_a_token_is_401_that_says_what_to_bring_and_no_error() {
    let api = Api::open().await;
    for path in ["/who", "/user", "/session", "/change"] {
        let method = if path == "/change" { Method::POST } else { Method::GET };
        let reply = api.send(Request::builder().method(method).uri(path)).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(reply.header("www-authenticate"), CHALLENGE);
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert_eq!(reply.header("cache-control"), "no-store, private");
        assert_eq!((reply.json()["status"].clone(), reply.json().get("error")), (json!(401), None));
    }
}

#[tokio::test]
async fn a_page_that_a_person_opens_is_401_too_where_nobody_can_log_in() {
    let api = Api::open().await;
    let opened = Request::get("/who").header("sec-fetch-mode", "navigate").header("accept", "text/html");
    let reply = api.send(opened).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::UNAUTHORIZED, ""));
}

#[tokio::test]
async fn a_route_that_asks_for_nothing_is_open_whatever_comes_along() {
    let api = Api::open().await;
    assert_eq!(api.send(Request::get("/open")).await.body, "open");
    assert_eq!(api.get("/open", "nonsense").await.body, "open");
    assert_eq!(api.op.calls(Endpoint::Introspection), 0);
}

#[tokio::test]
async fn extractors_are_optional_and_a_bad_token_is_never_nobody() {
    let api = Api::open().await;
    let (user, client) = (api.token(Api::ada()), api.token(TestAccessToken::for_client("worker")));
    for (path, token, status, body) in [
        ("/maybe", None, 200, "null"),
        ("/maybe", Some("bad"), 401, "invalid_token"),
        ("/maybe", Some(&*user), 200, "local|ada"),
        ("/maybe", Some(&*client), 200, "\"Client\""),
        ("/maybe-user", None, 200, "None"),
        ("/maybe-user", Some("bad"), 401, "invalid_token"),
        ("/maybe-user", Some(&*user), 200, r#"Some(User { subject: Subject("local|ada"), .. })"#),
        ("/maybe-user", Some(&*client), 200, "None"),
        ("/user", Some(&*user), 200, "local|ada"),
        ("/user", Some(&*client), 403, "stands for a client"),
        ("/maybe-session", Some(&*user), 200, "false"),
        ("/maybe-session", None, 200, "false"),
    ] {
        let request = Request::get(path);
        let request = match token {
            Some(token) => request.header(AUTHORIZATION, bearer(token)),
            None => request,
        };
        let reply = api.send(request).await;
        assert_eq!(reply.status.as_u16(), status, "{path} with {token:?}: {reply:?}");
        assert!(reply.body.contains(body), "{path} with {token:?}: {reply:?}");
    }
}

#[tokio::test]
async fn every_method_and_every_version_is_judged() {
    let api = Api::open().await;
    let token = bearer(&api.token(Api::ada()));
    for (method, path) in
        [(Method::GET, "/who"), (Method::HEAD, "/who"), (Method::POST, "/who"), (Method::POST, "/change")]
    {
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            let request = || Request::builder().method(method.clone()).uri(path).version(version);
            let stranger = api.send(request()).await;
            assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "{method} {path} {version:?}");
            assert_eq!(stranger.header("www-authenticate"), CHALLENGE);
            let known = api.send(request().header(AUTHORIZATION, &token)).await;
            assert_eq!(known.status, StatusCode::OK, "{method} {path} {version:?}");
        }
    }
    let options = api.send(Request::builder().method(Method::OPTIONS).uri("/who")).await;
    assert_eq!(options.status, StatusCode::METHOD_NOT_ALLOWED, "the router's own answer: no handler ran");
}

#[tokio::test]
async fn authentication_runs_before_the_path_is_read() {
    let routes = Router::new().route("/items/{id}", post(async |_: AccessToken, _: Path<u32>| "read"));
    let api = Api::builder().routes(routes).open().await;
    let request = || Request::post("/items/not-a-number");
    assert_eq!(api.send(request()).await.status, StatusCode::UNAUTHORIZED);
    let known = request().header(AUTHORIZATION, bearer(&api.token(Api::ada())));
    assert_eq!(api.send(known).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn claims_are_read_as_they_came_and_into_a_type_of_the_applications() {
    #[derive(serde::Deserialize)]
    struct Claims {
        sub: String,
        level: u8,
    }
    let shown = async |token: AccessToken, user: User| {
        let claims: Claims = token.deserialize().unwrap();
        let named =
            (token.claim("level").cloned(), user.claim("level").cloned(), token.claim("none").cloned());
        format!(
            "{} {} {named:?} {}",
            claims.sub,
            claims.level,
            token.claims().map_or(0, serde_json::Map::len)
        )
    };
    let api = Api::builder().routes(Router::new().route("/claims", get(shown))).open().await;
    let token = api.token(Api::ada().with_claim("level", 7));
    let expected = "local|ada 7 (Some(Number(7)), Some(Number(7)), None) 9";
    // The second time from the cache, and with claims of its own all the same.
    for _ in 0..2 {
        assert_eq!(api.get("/claims", &token).await.body, expected);
    }
}

#[tokio::test]
async fn a_token_that_was_seen_is_not_taken_for_another_one() {
    let api = Api::open().await;
    let tokens: Vec<String> =
        (0..50).map(|number| api.token(Api::ada().with_claim("jti", format!("{number}")))).collect();
    for _ in 0..2 {
        for (number, token) in tokens.iter().enumerate() {
            assert_eq!(api.call(token).await.json()["id"], number.to_string());
        }
    }
    // The signature of one under the words of another.
    let (words, signature) = (tokens[0].rsplit_once('.').unwrap().0, tokens[1].rsplit_once('.').unwrap().1);
    assert_eq!(api.call(&format!("{words}.{signature}")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_cache_every_token_is_verified_and_the_answers_are_the_same() {
    let api = Api::builder().config(|config| config.with_token_cache_bytes(0)).open().await;
    let token = api.token(Api::ada());
    for _ in 0..3 {
        assert_eq!(api.call(&token).await.status, StatusCode::OK);
    }
    api.clock.advance(Duration::from_secs(3_600 + 30));
    assert_eq!(api.call(&token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_is_good_to_its_end_and_the_skew_of_clocks_and_no_longer() {
    for skew in [0, 30, 60] {
        let config = move |config: auth_layer::config::ResourceServerConfigBuilder| {
            config.with_clock_skew(Duration::from_secs(skew))
        };
        let api = Api::builder().config(config).open().await;
        let token = api.token(Api::ada().with_lifetime(Duration::from_secs(100)));
        assert_eq!(api.call(&token).await.status, StatusCode::OK, "{skew}");
        api.clock.advance(Duration::from_secs(99 + skew));
        assert_eq!(api.call(&token).await.status, StatusCode::OK, "{skew}: from the cache");
        api.clock.advance(Duration::from_millis(999));
        assert_eq!(api.call(&token).await.status, StatusCode::OK, "{skew}: a millisecond before");
        api.clock.advance(Duration::from_millis(1));
        let reply = api.call(&token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{skew}: a second time it is verified, and fails");
        assert_eq!(reply.json()["error"], "invalid_token");
    }
}

#[tokio::test]
async fn a_token_is_sent_on_as_it_came() {
    let header = async |token: AccessToken| {
        let header = token.authorization();
        format!("{} {}", header.to_str().unwrap(), header.is_sensitive())
    };
    let api = Api::builder().routes(Router::new().route("/header", get(header))).open().await;
    let token = api.token(Api::ada());
    assert_eq!(api.get("/header", &token).await.body, format!("Bearer {token} true"));
}

#[tokio::test]
async fn cookies_and_login_routes_mean_nothing_to_an_api() {
    let api = Api::open().await;
    let token = bearer(&api.token(Api::ada()));
    let reply =
        api.send(Request::get("/who").header(AUTHORIZATION, token).header(COOKIE, "auth_session=x")).await;
    assert_eq!((reply.status, reply.set_cookies().len()), (StatusCode::OK, 0));
    for path in ["/auth/login", "/auth/callback", "/auth/logout", "/auth/profile"] {
        assert_eq!(api.send(Request::get(path)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let reply = api.send(Request::get("/who").header(COOKIE, "auth_session=x")).await;
    assert_eq!((reply.status, reply.set_cookies().len()), (StatusCode::UNAUTHORIZED, 0));
    assert_eq!(reply.json().get("error").unwrap_or(&Value::Null), &Value::Null);
}
