//! A flood of tokens of keys that nobody knows.

use std::time::{Duration, Instant};

use auth_layer::testing::Endpoint;
use http::StatusCode;
use tests::Api;
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::open;
use crate::seen::{Seen, mebibytes, resident};
use crate::traffic::{Pace, drive, of_key, until};

pub(crate) async fn run(on: &Handle) {
    let api = open(on, |api| api).await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    // So that what the process needs once is there before it is measured.
    beside(&api, &known, Pace::PerSecond(10_000), Duration::from_secs(2), Bring::Known).await;
    for pace in [Pace::PerSecond(10_000), Pace::AsFastAsPossible] {
        let (base, _) = beside(&api, &known, pace, LASTS, Bring::Known).await;
        let (before, fetches) = (resident(), api.op.calls(Endpoint::Jwks));
        let (good, flood) = beside(&api, &known, pace, LASTS, Bring::UnknownKeys).await;
        let fetches = api.op.calls(Endpoint::Jwks) - fetches;
        let grown = resident().saturating_sub(before);
        let times = good.within(99).as_secs_f64() / base.within(99).as_secs_f64();
        println!("unknown keys: flood of {flood}");
        println!("unknown keys: good beside it {good}");
        println!("unknown keys: good beside as many good ones {base}");
        println!("unknown keys: {fetches} fetches in 10 s, {} more, p99 x {times:.2}", mebibytes(grown));
        assert_eq!(good.others_than(StatusCode::OK), 0);
        assert_eq!(flood.others_than(StatusCode::UNAUTHORIZED), 0);
        assert!(fetches <= 1 && grown <= 8 * 1024 * 1024);
        assert!(times <= 2.0, "p99 of good requests x {times:.2}");
    }
    rotated_amid(&api, &known).await;
}

enum Bring {
    Known,
    UnknownKeys,
}

/// Good requests, 500 a second, beside others.
async fn beside(api: &Api, known: &str, pace: Pace, lasts: Duration, others: Bring) -> (Seen, Seen) {
    let (good, other) = (known.to_owned(), known.to_owned());
    let flood = match others {
        Bring::Known => drive(api, pace, lasts, move |_| other.clone()),
        Bring::UnknownKeys => drive(api, pace, lasts, move |number| of_key(&other, &format!("{number:x}"))),
    };
    let good = drive(api, Pace::PerSecond(500), lasts, move |_| good.clone());
    (good.await.unwrap(), flood.await.unwrap())
}

/// A real rotation, just after the flood had the keys fetched.
async fn rotated_amid(api: &Api, known: &str) {
    let flooded = known.to_owned();
    let flood = drive(api, Pace::PerSecond(2_000), Duration::from_secs(70), move |number| {
        of_key(&flooded, &format!("{number:x}"))
    });
    let fetches = api.op.calls(Endpoint::Jwks);
    until(async || api.op.calls(Endpoint::Jwks) > fetches).await;
    sleep(Duration::from_millis(100)).await;
    let rotated = Instant::now();
    api.op.rotate_keys(true);
    let new = api.fresh();
    until(async || api.status(&new).await == StatusCode::OK).await;
    let seen = rotated.elapsed();
    println!("unknown keys: a rotation amid the flood is seen in {seen:.1?}");
    flood.abort();
    assert!(seen <= Duration::from_secs(30));
}

const LASTS: Duration = Duration::from_secs(10);
