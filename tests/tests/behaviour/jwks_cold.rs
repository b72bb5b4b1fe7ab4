//! Keys that are slow to come: with keys at hand nobody waits, without them all share one fetch.

use std::time::{Duration, Instant};

use auth_layer::testing::{Endpoint, Fault};
use futures_util::future::join_all;
use http::StatusCode;
use tests::Api;

const MINUTE: Duration = Duration::from_secs(60);

/// An API whose first fetch has failed, so that it has no keys.
async fn cold(timeout: Duration) -> Api {
    let op = Api::quick_provider().await;
    op.fault_times(Endpoint::Discovery, Fault::Status(500), 1);
    let api = Api::builder().config(move |config| config.with_timeout(timeout)).over(&op).await;
    api.clock.advance(Duration::from_secs(1));
    api
}

#[tokio::test]
async fn no_request_waits_while_keys_at_hand_are_fetched_again() {
    let api = Api::quick().await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    api.op.fault(Endpoint::Jwks, Fault::HoldUntilReleased);
    api.clock.advance(5 * MINUTE);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
    api.op.wait_until_held(1).await;
    // The fetch is not released before all of them are answered: none can have waited for it.
    for _ in 0..100 {
        assert_eq!(api.status(&known).await, StatusCode::OK);
        assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
    }
    api.op.wait_until_held(1).await;
    assert_eq!(api.op.calls(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn a_thousand_requests_before_the_first_keys_share_one_discovery_and_one_fetch() {
    let api = cold(Duration::from_secs(5)).await;
    assert_eq!((api.op.calls(Endpoint::Discovery), api.op.calls(Endpoint::Jwks)), (1, 0));
    let tokens: Vec<String> = (0..1_000).map(|_| api.fresh()).collect();
    let statuses = join_all(tokens.iter().map(|token| api.status(token))).await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK));
    assert_eq!((api.op.calls(Endpoint::Discovery), api.op.calls(Endpoint::Jwks)), (2, 1));
}

#[tokio::test]
async fn without_keys_all_wait_for_one_fetch_no_longer_than_it_may_take_and_get_503() {
    for hangs in [Endpoint::Discovery, Endpoint::Jwks] {
        let timeout = Duration::from_millis(400);
        let api = cold(timeout).await;
        api.op.fault(hangs, Fault::HoldUntilReleased);
        let (began, calls) = (Instant::now(), api.op.calls(hangs));
        let replies = join_all((0..100).map(|_| async { api.call(&api.fresh()).await })).await;
        let took = began.elapsed();
        for reply in replies {
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "not 401: {hangs:?}");
            assert_eq!(reply.header("retry-after"), "2", "it is the second failure");
        }
        assert!(took >= timeout && took < timeout + Duration::from_secs(3), "{hangs:?}: {took:?}");
        assert_eq!(api.op.calls(hangs) - calls, 1, "{hangs:?}");
        api.op.clear_faults();
        api.clock.advance(Duration::from_secs(2));
        assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "{hangs:?}");
    }
}

#[tokio::test]
async fn the_only_client_that_waits_may_hang_up_and_the_next_finds_the_keys() {
    for fault in [Fault::HoldUntilReleased, Fault::HoldResponseUntilReleased] {
        let api = cold(Duration::from_secs(5)).await;
        api.op.fault_times(Endpoint::Jwks, fault, 1);
        let leaving = tokio::spawn({
            let (api, token) = (api.clone(), api.fresh());
            async move { api.status(&token).await }
        });
        api.op.wait_until_held(1).await;
        leaving.abort();
        drop(leaving.await);
        api.op.release();
        assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
        assert_eq!(api.op.calls(Endpoint::Jwks), 1, "the fetch was not given up");
    }
}

#[tokio::test]
async fn a_token_of_a_new_key_waits_for_a_slow_fetch_no_longer_than_it_may_take() {
    let timeout = Duration::from_millis(400);
    let api = Api::builder().quick().config(move |config| config.with_timeout(timeout)).open().await;
    api.op.rotate_keys(true);
    api.op.fault(Endpoint::Jwks, Fault::HoldUntilReleased);
    let began = Instant::now();
    let replies = join_all((0..50).map(|_| async { api.call(&api.fresh()).await })).await;
    assert!(replies.iter().all(|reply| reply.status == StatusCode::SERVICE_UNAVAILABLE), "it may be good");
    assert!(began.elapsed() < timeout + Duration::from_secs(3));
    assert_eq!(api.op.calls(Endpoint::Jwks), 2, "one fetch for all of them");
    api.op.clear_faults();
    api.clock.advance(Duration::from_secs(30));
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
}

#[tokio::test]
async fn several_issuers_that_hang_delay_the_start_once() {
    use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
    let timeout = Duration::from_secs(1);
    let mut config = ResourceServerConfig::builder(tests::SHOP).with_timeout(timeout);
    let mut all = Vec::new();
    for hangs in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::Discovery, Endpoint::Jwks] {
        let op = Api::quick_provider().await;
        op.fault(hangs, Fault::HoldUntilReleased);
        config = config.add_issuer(TrustedIssuer::new(&op.issuer()));
        all.push(op);
    }
    let began = Instant::now();
    auth_layer::Auth::resource_server(config.build().unwrap()).await.unwrap();
    let took = began.elapsed();
    assert!(took >= timeout && took < 2 * timeout, "{took:?}");
}
