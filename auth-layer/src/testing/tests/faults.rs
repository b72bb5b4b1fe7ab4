//! Faults do on the wire what they say.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::testing::Fault;

/// Posts a refresh which may get no answer.
async fn try_refresh(shop: &Shop, refresh_token: &str) -> Result<Response, reqwest::Error> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    let request = shop.http.post(shop.op.url(Endpoint::Token)).form(&form);
    let (client_id, secret) = (shop.op.client_id(), shop.op.client_secret());
    request.basic_auth(client_id, Some(secret)).send().await
}

#[tokio::test]
async fn statuses_and_garbage_change_no_state() {
    let shop = Shop::open().await;
    let tokens = shop.tokens(&User::ada(), &[]).await;
    let limit = Fault::RetryAfter(429, Duration::from_secs(7));
    shop.op.fault_times(Endpoint::Token, Fault::Status(503), 1);
    shop.op.fault_times(Endpoint::Token, limit, 1);
    shop.op.fault_times(Endpoint::Token, Fault::Error(400, "invalid_grant".to_owned()), 1);
    shop.op.fault_times(Endpoint::Token, Fault::garbage("<html>", "text/html"), 1);

    let refresh_token = tokens.text("refresh_token");
    assert_eq!(shop.refresh(refresh_token).await.status, 503);
    let limited = shop.refresh(refresh_token).await;
    assert_eq!((limited.status.as_u16(), &limited.headers["retry-after"]), (429, &"7".parse().unwrap()));
    shop.refresh(refresh_token).await.assert_error(400, "invalid_grant");
    let garbage = shop.refresh(refresh_token).await;
    assert_eq!((garbage.status.as_u16(), garbage.body), (200, json!(null)));

    assert_eq!(shop.refresh(refresh_token).await.status, 200, "the token is still good");
    assert_eq!(shop.op.token_calls("refresh_token"), 5);
    assert_eq!(shop.op.calls(Endpoint::Token), 6);
    assert_eq!(shop.op.log_count("api_limit"), 1);
}

#[tokio::test]
async fn a_dropped_connection_leaves_the_token_good() {
    let shop = Shop::open().await;
    let tokens = shop.tokens(&User::ada(), &[]).await;
    shop.op.fault(Endpoint::Token, Fault::DropConnection);
    assert!(try_refresh(&shop, tokens.text("refresh_token")).await.is_err());
    shop.op.clear_faults();
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn a_dropped_response_rotates_and_then_loses_the_answer() {
    let shop = Shop::open().await;
    let tokens = shop.tokens(&User::ada(), &[]).await;
    shop.op.fault_times(Endpoint::Token, Fault::DropResponse, 1);
    assert!(try_refresh(&shop, tokens.text("refresh_token")).await.is_err());
    assert_eq!(shop.op.log_count("sertft"), 1, "the provider has rotated");
    let again = shop.refresh(tokens.text("refresh_token")).await;
    again.assert_error(400, "invalid_grant");
    assert_eq!(shop.op.log_count("ferrt"), 1);
}

#[tokio::test]
async fn a_held_request_waits_for_its_release() {
    let shop = Shop::open().await;
    let tokens = shop.tokens(&User::ada(), &[]).await;
    for (fault, committed) in [(Fault::HoldUntilReleased, 0), (Fault::HoldResponseUntilReleased, 2)] {
        shop.op.fault_times(Endpoint::Token, fault, 1);
        let refresh = async { shop.tokens(&User::ada(), &[]).await.status };
        let release = async {
            shop.op.wait_until_held(1).await;
            let exchanged = shop.op.log_count("seacft");
            shop.op.release();
            exchanged
        };
        let (status, exchanged) = tokio::join!(refresh, release);
        assert_eq!(status, 200);
        assert_eq!(exchanged, 1 + committed);
    }
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn a_client_that_hangs_up_mid_answer_has_still_spent_its_token() {
    let shop = Shop::open().await;
    let tokens = shop.tokens(&User::ada(), &[]).await;
    shop.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    tokio::select! {
        _ = try_refresh(&shop, tokens.text("refresh_token")) => panic!("the answer was held"),
        () = shop.op.wait_until_held(1) => {}
    }
    let again = shop.refresh(tokens.text("refresh_token")).await;
    again.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_rewritten_answer_lies() {
    let shop = Shop::open().await;
    let lie = Fault::rewrite(|metadata| metadata["issuer"] = json!("https://evil.example"));
    shop.op.fault(Endpoint::Discovery, lie);
    let metadata = shop.http.get(shop.op.url(Endpoint::Discovery)).send().await.unwrap();
    assert_eq!(Answer::of(metadata).await.text("issuer"), "https://evil.example");
}

#[tokio::test]
async fn a_delay_delays() {
    let shop = Shop::open().await;
    shop.op.fault_times(Endpoint::Jwks, Fault::Delay(Duration::from_secs(3_600)), 1);
    let slow = shop.http.get(shop.op.url(Endpoint::Jwks)).timeout(Duration::from_millis(50));
    assert!(slow.send().await.unwrap_err().is_timeout());
    let quick = shop.http.get(shop.op.url(Endpoint::Jwks)).send().await.unwrap();
    assert_eq!(quick.status(), 200);
}

#[tokio::test]
async fn a_provider_that_was_down_comes_back_with_its_state() {
    let shop = Shop::open().await;
    let tokens = shop.tokens(&User::ada(), &[]).await;
    shop.op.stop().await;
    let refused = try_refresh(&shop, tokens.text("refresh_token")).await;
    assert!(refused.unwrap_err().is_connect());
    shop.op.restart().await;
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn the_date_header_is_the_clocks() {
    let shop = Shop::open().await;
    let answer = shop.http.get(shop.op.url(Endpoint::Jwks)).send().await.unwrap();
    assert_eq!(answer.headers()["date"], "Fri, 15 Jan 2027 08:00:00 GMT");
}
