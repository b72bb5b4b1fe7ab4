//! The whole provider is away: tokens are verified with the keys that are there, for a day at most.

use std::time::Duration;

use auth_layer::Clock;
use auth_layer::testing::{Endpoint, Fault, IdentityProvider, SigningAlgorithm};
use http::StatusCode;
use tests::{Api, eventually};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn ten_minutes_without_the_provider_cost_no_valid_token() {
    let api = Api::quick().await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    api.op.stop().await;
    for second in (0..660).step_by(10) {
        assert_eq!(api.status(&known).await, StatusCode::OK, "known, after {second} s");
        assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "never seen, after {second} s");
        api.clock.advance(Duration::from_secs(10));
    }
    let calls = api.op.calls(Endpoint::Jwks);
    api.op.restart().await;
    eventually("keys are fetched as soon as they can be", async || {
        api.clock.advance(Duration::from_secs(2));
        api.op.calls(Endpoint::Jwks) > calls
    })
    .await;
}

#[tokio::test]
async fn keys_of_a_day_are_believed_no_more_and_it_recovers_by_itself() {
    let api = Api::quick().await;
    let living = || Api::ada().with_lifetime(48 * HOUR);
    let known = api.op.sign_access_token(&living());
    assert_eq!(api.status(&known).await, StatusCode::OK);
    api.op.stop().await;
    api.clock.advance(24 * HOUR - MINUTE);
    assert_eq!(api.status(&known).await, StatusCode::OK);
    assert_eq!(api.status(&api.op.sign_access_token(&living())).await, StatusCode::OK);
    api.clock.advance(MINUTE);
    let refused = api.call(&api.op.sign_access_token(&living())).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "nobody can say whether it is good");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    eventually("a token that was known is known no more", async || {
        api.status(&known).await == StatusCode::SERVICE_UNAVAILABLE
    })
    .await;
    api.op.restart().await;
    api.clock.advance(Duration::from_secs(2));
    assert_eq!(api.status(&known).await, StatusCode::OK);
}

#[tokio::test]
async fn an_api_that_starts_without_its_provider_answers_503_and_recovers() {
    let op = Api::quick_provider().await;
    op.stop().await;
    let api = Api::builder().over(&op).await;
    let token = api.fresh();
    for _ in 0..5 {
        let refused = api.call(&token).await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.header("retry-after"), "1");
    }
    assert_eq!(api.call("no.to.ken").await.status, StatusCode::UNAUTHORIZED, "what needs no key to refuse");
    let open = api.send(http::Request::get("/open")).await;
    assert_eq!(open.status, StatusCode::OK, "the process is up");
    api.op.restart().await;
    api.clock.advance(Duration::from_secs(1));
    assert_eq!(api.status(&token).await, StatusCode::OK);
}

#[tokio::test]
async fn keys_come_within_five_seconds_of_the_provider_though_nobody_asks() {
    let clock = Clock::system();
    let op = IdentityProvider::builder().signing(SigningAlgorithm::Es256).start().await.unwrap();
    op.stop().await;
    let api = Api::builder().over(&op).await;
    assert_eq!(api.status(&api.fresh()).await, StatusCode::SERVICE_UNAVAILABLE);
    api.op.restart().await;
    let back = clock.now();
    eventually("keys are fetched without a request", async || api.op.calls(Endpoint::Jwks) > 0).await;
    assert!(clock.now().since(back) <= Duration::from_secs(5));
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
}

#[tokio::test]
async fn what_the_provider_asks_for_is_obeyed_for_half_a_minute_and_told_to_the_client() {
    let busy = Fault::RetryAfter(503, HOUR);
    let op = Api::quick_provider().await;
    op.fault_times(Endpoint::Jwks, busy, 1);
    let api = Api::builder().over(&op).await;
    assert_eq!(api.op.calls(Endpoint::Jwks), 1);
    assert_eq!(api.call(&api.fresh()).await.header("retry-after"), "30");
    api.clock.advance(Duration::from_secs(29));
    assert_eq!(api.call(&api.fresh()).await.header("retry-after"), "1");
    assert_eq!(api.op.calls(Endpoint::Jwks), 1, "not before");
    api.clock.advance(Duration::from_secs(1));
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
}

#[tokio::test]
async fn keys_that_have_moved_are_found_a_minute_after_they_were_missed() {
    let api = Api::quick().await;
    // Providers of one process share their keys.
    let elsewhere = IdentityProvider::builder().signing(SigningAlgorithm::Es256).start().await.unwrap();
    let address = elsewhere.url(Endpoint::Jwks);
    let moved = Fault::rewrite(move |metadata| metadata["jwks_uri"] = address.clone().into());
    api.op.fault(Endpoint::Discovery, moved);
    api.op.fault(Endpoint::Jwks, Fault::Status(404));
    let unknown = api.op.sign_access_token(&Api::ada().with_header("kid", "unknown"));
    assert_eq!(api.status(&unknown).await, StatusCode::SERVICE_UNAVAILABLE);
    api.clock.advance(MINUTE);
    assert_eq!(api.status(&unknown).await, StatusCode::UNAUTHORIZED);
    assert_eq!((api.op.calls(Endpoint::Discovery), elsewhere.calls(Endpoint::Jwks)), (2, 1));
}

#[tokio::test]
async fn metadata_that_hang_hide_no_keys() {
    let api = Api::quick().await;
    api.op.fault(Endpoint::Discovery, Fault::HoldUntilReleased);
    api.clock.advance(2 * HOUR);
    api.op.rotate_keys(true);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "from where the old metadata says");
    assert_eq!(api.op.calls(Endpoint::Discovery), 2, "new ones were asked for");
}
