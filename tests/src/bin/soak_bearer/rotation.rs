//! Keys are rotated under load, and withdrawn.

use std::time::Duration;

use auth_layer::testing::Endpoint;
use http::StatusCode;
use tests::Api;
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::open;
use crate::traffic::{Pace, drive, until};

pub(crate) async fn run(on: &Handle) {
    let api = open(on, |api| api).await;
    let fetches = api.op.calls(Endpoint::Jwks);
    let known: Vec<String> = (0..200).map(|_| api.fresh()).collect();
    let op = api.op.clone();
    let signing = move |number: usize| match number % 4 {
        0 => op.sign_access_token(&Api::ada()),
        _ => known[number % known.len()].clone(),
    };
    let traffic = drive(&api, Pace::PerSecond(500), Duration::from_secs(34), signing);
    sleep(Duration::from_secs(2)).await;
    api.op.rotate_keys(true);
    // The next one finds the cool-down of the first at its end.
    sleep(Duration::from_secs(30)).await;
    api.op.rotate_keys(true);
    let seen = traffic.await.unwrap();
    let fetches = api.op.calls(Endpoint::Jwks) - fetches;
    println!("rotation: two under 500 requests a second, old keys kept: {fetches} fetches; {seen}");
    assert_eq!(seen.others_than(StatusCode::OK), 0);
    assert!(fetches <= 2);

    let old = api.fresh();
    assert_eq!(api.status(&old).await, StatusCode::OK);
    api.op.rotate_keys(false);
    sleep(Duration::from_secs(30)).await;
    let first = api.status(&api.fresh()).await;
    let refused = until(async || api.status(&old).await == StatusCode::UNAUTHORIZED).await;
    println!(
        "rotation: an old key dropped: the new one {first} at first sight, known tokens of the old one refused {refused:.1?} later"
    );
    assert_eq!(first, StatusCode::OK);

    // Only known tokens come: keys are fetched ahead, five minutes after the last time.
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    api.op.rotate_keys(false);
    api.clock.advance(Duration::from_secs(300));
    let refused = until(async || api.status(&known).await == StatusCode::UNAUTHORIZED).await;
    println!(
        "rotation: where nobody brings the new key, known tokens are refused 300 s and {refused:.1?} later"
    );
    assert!(refused <= Duration::from_secs(300));
}
