//! Tokens that an API refuses: one more try with another one, and never a second.

use std::time::Duration;

use auth_layer::Session;
use auth_layer::outbound::authorize::OnBehalfOf as _;
use auth_layer::testing::{Endpoint, Fault};
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use futures_util::future::join_all;
use http::StatusCode;
use http_body_util::Full;
use tests::Site;
use tower::{Layer as _, ServiceExt as _};

use super::api::{Api, ada_at, calling, hyper, text, token_of};

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_request_sent_once_more() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, calling(&site, site.auth.authorize(&api.url).unwrap())).await;
    let old = token_of(&site, &ada).await;
    api.refuse(&old);
    assert_eq!(ada.get("/call").await.body, "yes");
    let seen = api.seen();
    assert_eq!((seen.len(), seen[0].token(), site.refreshes()), (2, old.as_str(), 1));
    assert_ne!(seen[1].token(), old);
    // The response saved it.
    assert_eq!(seen[1].token(), token_of(&site, &ada).await);
    assert_eq!(ada.get("/call").await.body, "yes");
    assert_eq!((api.seen().len(), site.refreshes()), (3, 1));
}

#[tokio::test]
async fn there_is_never_a_second_try() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, calling(&site, site.auth.authorize(&api.url).unwrap())).await;
    api.refuse_all();
    let reply = ada.get("/call").await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::UNAUTHORIZED, "who?"));
    assert_eq!((api.seen().len(), site.refreshes()), (2, 1));
}

/// It would be a refresh for each request, for as long as the API is broken.
#[tokio::test]
async fn an_api_that_refuses_every_token_gets_no_new_one_for_each_request() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, calling(&site, site.auth.authorize(&api.url).unwrap())).await;
    api.refuse_all();
    for _ in 0..20 {
        assert_eq!(ada.get("/call").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(site.refreshes(), 1);
    site.clock.advance(Duration::from_secs(10));
    assert_eq!(ada.get("/call").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.refreshes(), 2);
}

#[tokio::test]
async fn fifty_requests_that_were_refused_with_one_token_spend_one_refresh() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, calling(&site, site.auth.authorize(&api.url).unwrap())).await;
    let old = token_of(&site, &ada).await;
    api.refuse(&old);
    api.wait_for_a_crowd(50);
    let browsers: Vec<_> = (0..50).map(|_| ada.copied()).collect();
    let late = ada.copied();
    let replies = join_all(browsers.iter().map(|browser| browser.get("/call"))).await;
    assert!(replies.iter().all(|reply| reply.body == "yes"));
    assert_eq!((api.seen().len(), site.refreshes()), (100, 1));
    let tokens: std::collections::BTreeSet<_> =
        api.seen().iter().map(|seen| seen.token().to_owned()).collect();
    assert_eq!(tokens.len(), 2, "all of them were sent again with the same new token");
    // Who comes later with the old cookie is refused with the old token, and finds the new one there.
    assert_eq!(late.get("/call").await.body, "yes");
    assert_eq!((api.seen().len(), site.refreshes()), (102, 1));
}

#[tokio::test]
async fn only_invalid_token_is_a_reason_to_try_again() {
    for challenge in [
        "",
        "Bearer",
        r#"Bearer error="insufficient_scope""#,
        r#"Basic realm="x, Bearer error=invalid_token""#,
        r#"Bearer error="invalid_token", error="x""#,
        r#"DPoP error="invalid_token""#,
        "Bearer error=\"invalid_token",
    ] {
        let (site, api) = (Site::open().await, Api::start().await);
        let ada = ada_at(&site, calling(&site, site.auth.authorize(&api.url).unwrap())).await;
        api.challenge(challenge);
        api.refuse_all();
        assert_eq!(ada.get("/call").await.status, StatusCode::UNAUTHORIZED, "{challenge}");
        assert_eq!((api.seen().len(), site.refreshes()), (1, 0), "{challenge}");
    }
}

#[tokio::test]
async fn a_provider_that_is_away_leaves_the_answer_as_it_is() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, calling(&site, site.auth.authorize(&api.url).unwrap())).await;
    let old = token_of(&site, &ada).await;
    api.refuse(&old);
    site.op.fault(Endpoint::Token, Fault::Status(503));
    let reply = ada.get("/call").await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::UNAUTHORIZED, "who?"));
    assert_eq!(api.seen().len(), 1);
    assert_eq!(token_of(&site, &ada).await, old, "the session stays");
}

/// A body that was sent and is gone; the next request brings the new token.
#[tokio::test]
async fn a_request_with_a_body_is_sent_again_only_where_it_was_said_how() {
    let (site, api) = (Site::open().await, Api::start().await);
    let authorize = site.auth.authorize(&api.url).unwrap();
    let once = authorize.clone().layer(hyper());
    let again = authorize.with_replay(|body: &Full<Bytes>| Some(body.clone())).layer(hyper());
    let post = |session: &Session| {
        http::Request::post("/thing").on_behalf_of(session).body(text("an order")).unwrap()
    };
    let app = Router::new()
        .route(
            "/once",
            get(async move |session: Session| once.oneshot(post(&session)).await.unwrap().status()),
        )
        .route(
            "/again",
            get(async move |session: Session| again.oneshot(post(&session)).await.unwrap().status()),
        )
        .layer(site.auth.layer());
    let ada = ada_at(&site, app).await;

    api.refuse(&token_of(&site, &ada).await);
    assert_eq!(ada.get("/once").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!((api.seen().len(), site.refreshes()), (1, 1));
    assert_eq!(ada.get("/once").await.status, StatusCode::OK);

    site.clock.advance(Duration::from_secs(10));
    api.refuse(&token_of(&site, &ada).await);
    assert_eq!(ada.get("/again").await.status, StatusCode::OK);
    let seen = api.seen();
    assert_eq!((seen.len(), site.refreshes()), (4, 2));
    assert!(seen.iter().all(|seen| seen.body == "an order"));
}

#[tokio::test]
async fn a_session_without_a_refresh_token_keeps_the_answer() {
    let site = Site::builder().config(|config| config.with_scopes("openid read:products")).open().await;
    let api = Api::start().await;
    let ada = ada_at(&site, calling(&site, site.auth.authorize(&api.url).unwrap())).await;
    api.refuse_all();
    assert_eq!(ada.get("/call").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!((api.seen().len(), site.refreshes()), (1, 0));
}
