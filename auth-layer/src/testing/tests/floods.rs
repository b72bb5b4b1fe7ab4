//! Answers that no client should read to the end.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::testing::{Fault, TestAccessToken};

/// The endpoints that a resource server asks.
const ASKED: [Endpoint; 2] = [Endpoint::Jwks, Endpoint::Introspection];

async fn ask(shop: &Shop, endpoint: Endpoint) -> Result<Response, reqwest::Error> {
    let token = shop.op.issue_access_token(TestAccessToken::new("ada"));
    let url = shop.op.url(endpoint);
    let request = match endpoint {
        Endpoint::Introspection => shop
            .http
            .post(url)
            .basic_auth(shop.op.client_id(), Some(shop.op.client_secret()))
            .form(&[("token", token)]),
        _ => shop.http.get(url),
    };
    request.send().await
}

#[tokio::test]
async fn a_flood_is_streamed_without_a_length_and_ends_in_the_honest_answer() {
    let shop = Shop::open().await;
    for endpoint in ASKED {
        let honest = ask(&shop, endpoint).await.unwrap().bytes().await.unwrap();
        shop.op.fault_times(endpoint, Fault::Flood(3_000_000), 1);
        let flooded = ask(&shop, endpoint).await.unwrap();
        assert_eq!((flooded.status().as_u16(), flooded.content_length()), (200, None));
        let flooded = flooded.bytes().await.unwrap();
        assert_eq!(flooded.len(), 3_000_000 + honest.len());
        assert!(serde_json::from_slice::<Value>(&flooded).unwrap().is_object());
    }
}

#[tokio::test]
async fn a_client_that_turns_away_from_100_mb_has_read_little() {
    let shop = Shop::open().await;
    shop.op.fault(Endpoint::Jwks, Fault::Flood(100_000_000));
    let mut answer = ask(&shop, Endpoint::Jwks).await.unwrap();
    let mut read = 0;
    while read < 1_000_000 {
        read += answer.chunk().await.unwrap().unwrap().len();
    }
    drop(answer);
    shop.op.clear_faults();
    assert_eq!(shop.get(Endpoint::Jwks).await.status, 200, "the provider goes on");
}

#[tokio::test]
async fn a_trickle_has_its_head_at_once_and_its_body_byte_by_byte() {
    let shop = Shop::open().await;
    for endpoint in ASKED {
        shop.op.fault_times(endpoint, Fault::Trickle(Duration::from_millis(1)), 1);
        let mut answer = ask(&shop, endpoint).await.unwrap();
        assert!(answer.content_length().is_some_and(|length| length > 100));
        assert_eq!(answer.chunk().await.unwrap().unwrap(), "{");
        shop.op.fault_times(endpoint, Fault::Trickle(Duration::from_secs(3_600)), 1);
        let mut answer = ask(&shop, endpoint).await.unwrap();
        let first = tokio::time::timeout(Duration::from_millis(50), answer.chunk()).await;
        assert!(first.is_err(), "the first byte is an hour away");
    }
}

#[tokio::test]
async fn a_redirect_goes_where_it_is_told_and_is_no_answer() {
    let shop = Shop::open().await;
    for endpoint in ASKED {
        for location in ["https://evil.example/jwks", "file:///etc/passwd", "//evil.example"] {
            shop.op.fault_times(endpoint, Fault::Redirect(location.to_owned()), 1);
            let answer = ask(&shop, endpoint).await.unwrap();
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()["location"]),
                (302, &location.parse().unwrap())
            );
        }
    }
}

#[tokio::test]
async fn ten_thousand_keys_come_before_the_good_one() {
    let shop = Shop::open().await;
    shop.op.fault(Endpoint::Jwks, Fault::many_keys(10_000));
    let jwks = shop.get(Endpoint::Jwks).await.body;
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 10_001);
    let mut kids: Vec<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    let token = shop.op.issue_access_token(TestAccessToken::new("ada"));
    assert_eq!(kids[10_000], decoded(&token)[0]["kid"]);
    kids.sort_unstable();
    kids.dedup();
    assert_eq!(kids.len(), 10_001);
}

#[tokio::test]
async fn what_the_table_of_faults_says_is_met_at_both_endpoints() {
    let shop = Shop::open().await;
    for endpoint in ASKED {
        let faults = [
            (Fault::Status(503), 503, None),
            (Fault::RetryAfter(429, Duration::from_secs(7)), 429, None),
            (Fault::garbage("{\"keys\":[", "application/json"), 200, Some("{\"keys\":[")),
            (Fault::garbage("<html></html>", "text/html"), 200, Some("<html></html>")),
            (Fault::rewrite(|body| *body = json!([1])), 200, Some("[1]")),
        ];
        for (fault, status, body) in faults {
            shop.op.fault_times(endpoint, fault.clone(), 1);
            let answer = ask(&shop, endpoint).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{fault:?}");
            let text = answer.text().await.unwrap();
            assert!(body.is_none_or(|body| body == text), "{fault:?}: {text}");
        }
        for fault in [Fault::DropConnection, Fault::DropResponse] {
            // A connection that was used before is tried again by the client, by itself.
            shop.op.fault(endpoint, fault);
            assert!(ask(&shop, endpoint).await.is_err());
            shop.op.clear_faults();
        }
        shop.op.fault_times(endpoint, Fault::HoldUntilReleased, 1);
        let hanging = tokio::time::timeout(Duration::from_millis(50), ask(&shop, endpoint));
        assert!(hanging.await.is_err());
        assert_eq!(ask(&shop, endpoint).await.unwrap().status(), 200);
    }
}
