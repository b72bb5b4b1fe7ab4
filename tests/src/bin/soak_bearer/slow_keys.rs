//! Keys that are slow to come, and a thousand who come before the first.

use std::time::{Duration, Instant};

use auth_layer::testing::{Endpoint, Fault};
use futures_util::future::join_all;
use http::StatusCode;
use tests::Api;
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::traffic::{Pace, drive};
use crate::{open, provider};

pub(crate) async fn run(on: &Handle) {
    for (name, fault) in
        [("take 4 s", Fault::Delay(Duration::from_secs(4))), ("never come", Fault::HoldUntilReleased)]
    {
        let api = open(on, |api| api).await;
        let known: Vec<String> = (0..200).map(|_| api.fresh()).collect();
        let op = api.op.clone();
        let signing = move |number: usize| match number % 10 {
            0 => op.sign_access_token(&Api::ada()),
            _ => known[number % known.len()].clone(),
        };
        let lasts = Duration::from_secs(8);
        let base = drive(&api, Pace::PerSecond(1_000), lasts, signing.clone()).await.unwrap();
        let fetches = api.op.calls(Endpoint::Jwks);
        api.op.fault(Endpoint::Jwks, fault);
        api.clock.advance(Duration::from_secs(301));
        let slow = drive(&api, Pace::PerSecond(1_000), lasts, signing).await.unwrap();
        let limit = Duration::from_millis(5);
        println!(
            "slow keys: they {name}, {} fetches: {slow}; {} over 5 ms, {} before",
            api.op.calls(Endpoint::Jwks) - fetches,
            slow.over(limit),
            base.over(limit),
        );
        assert_eq!(slow.others_than(StatusCode::OK), 0);
        assert!(api.op.calls(Endpoint::Jwks) > fetches);
        // Whoever waited for the keys would have waited for seconds.
        assert!(slow.longest() < Duration::from_secs(1));
    }
    herd(on).await;
    hanging(on).await;
}

/// A thousand requests for an API that has no keys yet.
async fn herd(on: &Handle) {
    let op = provider(on).await;
    op.fault_times(Endpoint::Discovery, Fault::Status(500), 1);
    let api = Api::builder().over(&op).await;
    api.clock.advance(Duration::from_secs(1));
    let before = [Endpoint::Discovery, Endpoint::Jwks].map(|endpoint| op.calls(endpoint));
    let tokens: Vec<String> = (0..1_000).map(|_| api.fresh()).collect();
    let began = Instant::now();
    let asking = tokens.into_iter().map(|token| {
        let api = api.clone();
        tokio::spawn(async move { api.status(&token).await })
    });
    let good = join_all(asking).await.into_iter().filter(|status| matches!(status, Ok(StatusCode::OK)));
    let good = good.count();
    let calls = [Endpoint::Discovery, Endpoint::Jwks].map(|endpoint| op.calls(endpoint));
    let [discovery, jwks] = [calls[0] - before[0], calls[1] - before[1]];
    println!(
        "slow keys: of a thousand before the first keys {good} are answered 200 in {:.0?}, with {discovery} discovery and {jwks} fetch",
        began.elapsed()
    );
    assert_eq!((good, discovery, jwks), (1_000, 1, 1));
}

/// The same where the keys never come: 503 in the time that a fetch may take.
async fn hanging(on: &Handle) {
    let op = provider(on).await;
    op.fault(Endpoint::Jwks, Fault::HoldUntilReleased);
    let began = Instant::now();
    let api = Api::builder().over(&op).await;
    let started = began.elapsed();
    sleep(Duration::from_millis(1_200)).await;
    let began = Instant::now();
    let fetches = op.calls(Endpoint::Jwks);
    let asking = (0..1_000).map(|_| {
        let (api, token) = (api.clone(), api.fresh());
        tokio::spawn(async move { api.status(&token).await })
    });
    let refused = join_all(asking).await.into_iter();
    let refused = refused.filter(|status| matches!(status, Ok(StatusCode::SERVICE_UNAVAILABLE))).count();
    let (took, fetches) = (began.elapsed(), op.calls(Endpoint::Jwks) - fetches);
    println!(
        "slow keys: they never come to a cold start: it is up in {started:.1?}, {refused} of a thousand get 503 in {took:.1?}, with {fetches} more fetches"
    );
    assert_eq!(refused, 1_000);
    assert!(took <= Duration::from_millis(5_500) && started <= Duration::from_millis(5_500) && fetches <= 1);
}
