//! Requests for a back-channel logout that are none (OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8).

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::Request;
use serde_json::json;

use crate::support::back_channel::{FORM, PATH, assert_refused, form, of_ada, send, shop, tell};

#[tokio::test]
async fn token_in_the_query_or_in_a_header() {
    let (app, mut ada) = shop().await;
    let token = app.op.mint_logout_token(&of_ada());
    let query = Request::post(format!("{PATH}?logout_token={token}")).header("content-type", FORM);
    assert_refused(&send(&app, query, "").await, 400, &mut ada, "in the query").await;
    let header = form().header("authorization", format!("Bearer {token}")).header("logout_token", &token);
    assert_refused(&send(&app, header, "").await, 400, &mut ada, "in a header").await;
    assert_eq!(tell(&app, &token).await.status, 200, "it was good");
}

#[tokio::test]
async fn method_that_is_not_post() {
    let (app, mut ada) = shop().await;
    let token = app.op.mint_logout_token(&of_ada());
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let request = form().method(method);
        let page = send(&app, request, format!("logout_token={token}")).await;
        assert_refused(&page, 405, &mut ada, method).await;
        assert_eq!(page.header("allow"), "POST", "{method}");
        let get = Request::builder().method(method).uri(format!("{PATH}?logout_token={token}"));
        assert_refused(&send(&app, get, "").await, 405, &mut ada, method).await;
    }
    assert_eq!(tell(&app, &token).await.status, 200, "it was good");
}

#[tokio::test]
async fn body_that_is_no_form() {
    let (app, mut ada) = shop().await;
    let token = app.op.mint_logout_token(&of_ada());
    let body = format!("logout_token={token}");
    let json = json!({ "logout_token": token }).to_string();
    for (kind, body) in [
        ("application/json", &json),
        ("application/jwt", &token),
        ("application/logout+jwt", &token),
        ("text/plain", &body),
        ("multipart/form-data; boundary=x", &body),
        ("application/x-www-form-urlencodedx", &body),
        ("", &body),
    ] {
        let request = Request::post(PATH).header("content-type", kind);
        assert_refused(&send(&app, request, body.clone()).await, 400, &mut ada, kind).await;
    }
    let request = Request::post(PATH);
    assert_refused(&send(&app, request, body).await, 400, &mut ada, "no content type").await;
    for body in [json.as_bytes(), token.as_bytes(), b"", b"logout_token", b"\xff\xfe=\x00", b"Logout_Token=x"]
    {
        assert_refused(&send(&app, form(), body.to_vec()).await, 400, &mut ada, "no parameter").await;
    }
    assert_eq!(tell(&app, &token).await.status, 200, "it was good");
}

#[tokio::test]
async fn two_logout_tokens() {
    let (app, mut ada) = shop().await;
    let token = app.op.mint_logout_token(&of_ada());
    for body in [
        format!("logout_token={token}&logout_token={token}"),
        format!("logout_token={token}&logout_token="),
        format!("logout_token=&logout_token={token}"),
        format!("logout_token={token}&more=1&logout%5Ftoken=x"),
    ] {
        assert_refused(&send(&app, form(), body).await, 400, &mut ada, "two").await;
    }
    assert_eq!(tell(&app, &token).await.status, 200, "it was good");
}

#[tokio::test]
async fn body_that_is_huge_or_without_end() {
    let (app, mut ada) = shop().await;
    let token = app.op.mint_logout_token(&of_ada());
    let padded = |length: usize| {
        let head = format!("logout_token={token}&more=");
        let rest = length - head.len();
        head + &"x".repeat(rest)
    };
    for length in [64 * 1_024 + 1, 1 << 20] {
        assert_refused(&send(&app, form(), padded(length)).await, 413, &mut ada, "huge").await;
    }
    let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 1_000])));
    let page = send(&app, form(), Body::from_stream(endless)).await;
    assert_refused(&page, 413, &mut ada, "without end, and without a length").await;
    assert_eq!(send(&app, form(), padded(64 * 1_024)).await.status, 200, "64 KiB are taken");
}

#[tokio::test]
async fn body_that_is_slow_or_breaks_off() {
    let (app, mut ada) = shop().await;
    let token = app.op.mint_logout_token(&of_ada());
    let start = format!("logout_token={token}");
    let first = || stream::once(std::future::ready(Ok::<_, std::io::Error>(Bytes::from(start.clone()))));
    let broken = stream::once(std::future::ready(Err(std::io::Error::other("gone"))));
    let page = send(&app, form(), Body::from_stream(first().chain(broken))).await;
    assert_refused(&page, 400, &mut ada, "broken off").await;
    // Each chunk is empty, and there is always another one: it may not keep the thread for itself.
    let empty = stream::repeat_with(|| Ok(Bytes::new())).take(10_000_000);
    let slow = [Body::from_stream(first().chain(stream::pending())), Body::from_stream(first().chain(empty))];
    tokio::time::pause();
    for body in slow {
        let answering = {
            let app = app.clone();
            tokio::spawn(async move { send(&app, form(), body).await })
        };
        tokio::task::yield_now().await;
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_refused(&answering.await.unwrap(), 408, &mut ada, "slow").await;
    }
    tokio::time::resume();
    assert_eq!(tell(&app, &token).await.status, 200, "it was good, and is not spent");
}
