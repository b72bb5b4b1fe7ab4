//! The whole provider is away, and an API starts without it.

use std::time::{Duration, Instant};

use auth_layer::testing::Endpoint;
use http::StatusCode;
use tests::Api;
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::traffic::{Pace, drive, until};
use crate::{open, provider, restart};

pub(crate) async fn run(on: &Handle, away: Duration) {
    let api = open(on, |api| api).await;
    let known: Vec<String> = (0..200).map(|_| api.fresh()).collect();
    api.op.stop().await;
    let (op, began) = (api.op.clone(), Instant::now());
    let signing = move |number: usize| match number % 20 {
        0 => op.sign_access_token(&Api::ada()),
        _ => known[number % known.len()].clone(),
    };
    let seen = drive(&api, Pace::PerSecond(1_000), away, signing).await.unwrap();
    println!("outage: the provider was away for {:.0?}: {seen}", began.elapsed());
    assert_eq!(seen.others_than(StatusCode::OK), 0, "every token was valid");
    restart(on, &api.op).await;
    started_without(on).await;
}

/// An API that starts without its provider, at different moments of its pauses; with requests and without.
async fn started_without(on: &Handle) {
    let (mut starts, mut recoveries) = (Duration::ZERO, Duration::ZERO);
    for round in 0..6_u32 {
        let op = provider(on).await;
        op.stop().await;
        let began = Instant::now();
        let api = Api::builder().over(&op).await;
        starts = starts.max(began.elapsed());
        let refused = api.call(&api.fresh()).await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
        sleep(Duration::from_millis(700) * round).await;
        restart(on, &op).await;
        recoveries = recoveries.max(match round % 2 {
            0 => until(async || api.status(&api.fresh()).await == StatusCode::OK).await,
            _ => until(async || op.calls(Endpoint::Jwks) > 0).await,
        });
    }
    println!(
        "outage: without the provider it starts in {starts:.0?}, answers 503, and finds it {recoveries:.1?} after its return at most"
    );
    assert!(recoveries <= Duration::from_secs(5));
}
