//! The shops' workers: one machine token for all of them, whatever becomes of the shops.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::{Duration, Instant};

use auth_layer::testing::{Endpoint, Fault, IdentityProviderBuilder};
use serde_json::Value;
use tests::{Keep, eventually};
use tokio::time::sleep;

use super::{Engine, Rig, Visitor};

/// Starts shops whose workers run each second, with tokens that live for so long.
async fn start(engine: &Engine, keep: Keep, lifetime: Duration) -> Rig {
    let provider = |provider: IdentityProviderBuilder| {
        provider.access_token_lifetime(lifetime).unlimited_machine_quota()
    };
    Rig::start_in(engine, keep, provider, &[("SHOP_WORKER", "1")]).await
}

/// What the worker of a shop has done.
async fn done(rig: &Rig, visitor: &mut Visitor, shop: usize) -> Value {
    let answer = visitor.get(&rig.url(shop, "/api/worker")).await;
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}: {answer:?}", rig.name))
}

/// How many machine tokens the ledger of all shops has.
async fn counted(rig: &Rig, visitor: &mut Visitor, shop: usize) -> u64 {
    let answer = visitor.get(&rig.url(shop, "/api/ledger")).await;
    let ledger: Value = serde_json::from_str(&answer.body).unwrap();
    ledger["m2m_quota_consumed"].as_u64().unwrap_or_else(|| panic!("{}: {ledger}", rig.name))
}

/// Waits until the worker of each of these shops has run so often since it was last started.
async fn have_run(rig: &Rig, visitor: &mut Visitor, shops: Range<usize>, runs: u64) {
    for shop in shops {
        eventually("the worker has run", async || {
            let done = done(rig, &mut visitor.clone(), shop).await;
            assert_eq!(done["failure"], Value::Null, "{}: {done}", rig.name);
            done["runs"].as_u64().unwrap() >= runs
        })
        .await;
        assert_eq!(done(rig, visitor, shop).await["products"], 4, "{}", rig.name);
    }
}

/// For some lifetimes, each shop's worker sees each token that was issued, and none is issued that it does not see.
async fn one_for_each_lifetime(engine: &Engine, keep: Keep) {
    let rig = start(engine, keep, SHORT).await;
    let mut ada = rig.log_in_for(1, 3_600).await.remove(0);
    let (began, mut ends, mut runs) = (Instant::now(), [(); 3].map(|()| BTreeSet::new()), 0);
    let issued = loop {
        for (shop, ends) in ends.iter_mut().enumerate() {
            let done = done(&rig, &mut ada, shop).await;
            assert_eq!(done["failure"], Value::Null, "{}: {done}", rig.name);
            ends.extend(done["expires_at"].as_u64());
            runs = runs.max(done["runs"].as_u64().unwrap());
        }
        let (issued, seen) = (rig.op.log_count("seccft"), ends.iter().flatten().collect::<BTreeSet<_>>());
        // The last one may have come just now, and its worker run in a second.
        if began.elapsed() > SHORT * 3 && seen.len() == issued {
            break issued;
        }
        assert!(began.elapsed() < SHORT * 4, "{}: {issued} were issued and not all used: {ends:?}", rig.name);
        sleep(Duration::from_millis(250)).await;
    };
    // Each is renewed in the last third of its life, or later.
    assert!((3..=8).contains(&issued), "{}: {issued}", rig.name);
    assert!(ends.iter().all(|ends| ends.len() + 1 >= issued), "{}: seen by each: {ends:?}", rig.name);
    assert_eq!(counted(&rig, &mut ada, 1).await, issued as u64, "{}", rig.name);
    assert!(runs >= 12, "{}: {runs}", rig.name);
    println!(
        "F30: workers of 3 processes ({}), up to {runs} runs over three lifetimes: {issued} tokens, seccft of the \
         provider's log and of the ledger {issued}",
        rig.name
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workers_of_three_shops_have_one_machine_token_for_each_lifetime() {
    let (redis, postgres) = (Engine::redis().await, Engine::postgres().await);
    tokio::join!(
        one_for_each_lifetime(&redis, Keep::InCookies),
        one_for_each_lifetime(&postgres, Keep::InTheStore),
    );
}

/// Each shop is replaced in turn, as a deployment does, and then all are killed.
async fn replaced(keep: Keep) {
    let engine = Engine::redis().await;
    let mut rig = start(&engine, keep, LONG).await;
    let mut ada = rig.log_in_for(1, 3_600).await.remove(0);
    have_run(&rig, &mut ada, 0..3, 1).await;
    for shop in 0..3 {
        assert_eq!(rig.shops.terminate(shop).await, Some(0), "{}", rig.name);
        rig.shops.restart(shop).await;
    }
    have_run(&rig, &mut ada, 0..3, 1).await;
    for shop in 0..3 {
        rig.shops.kill(shop).await;
    }
    for shop in 0..3 {
        rig.shops.restart(shop).await;
    }
    have_run(&rig, &mut ada, 0..3, 1).await;
    assert_eq!(rig.op.token_calls("client_credentials"), 1, "{}", rig.name);
    assert_eq!(counted(&rig, &mut ada, 2).await, 1, "{}: the ledger outlives them, too", rig.name);
    println!("F31: 3 processes are replaced in turn, then all killed ({}): still the first token", rig.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_costs_no_machine_token() {
    tokio::join!(replaced(Keep::InCookies), replaced(Keep::InTheStore));
}

/// The one that renews the token is killed when the provider has issued it, and nobody has heard.
#[tokio::test(flavor = "multi_thread")]
async fn a_shop_killed_while_it_renews_the_machine_token_costs_that_token_and_no_run() {
    let engine = Engine::redis().await;
    let mut rig = start(&engine, Keep::InTheStore, LIVES_PAST_A_LEASE).await;
    let mut ada = rig.log_in_for(1, 3_600).await.remove(0);
    have_run(&rig, &mut ada, 0..3, 1).await;
    // Who renews it is known when there is only one.
    rig.shops.kill(1).await;
    rig.shops.kill(2).await;
    rig.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    rig.op.wait_until_held(1).await;
    rig.shops.restart(1).await;
    rig.shops.restart(2).await;
    rig.shops.kill(0).await;
    let killed = Instant::now();
    rig.op.release();
    eventually("another has renewed it", async || {
        for shop in 1..3 {
            let done = done(&rig, &mut ada.clone(), shop).await;
            assert_eq!(done["failure"], Value::Null, "the old one lives: {done}");
        }
        rig.op.log_count("seccft") == 3
    })
    .await;
    let took = killed.elapsed();
    assert!(took < LEASE + Duration::from_secs(3), "{took:?}");
    rig.shops.restart(0).await;
    have_run(&rig, &mut ada, 0..3, 2).await;
    assert_eq!(rig.op.log_count("seccft"), 3, "the first, the one that was lost, and the next");
    assert_eq!(counted(&rig, &mut ada, 1).await, 2, "the one that was lost is in the provider's log alone");
    println!("F32: kill -9 while a token is renewed: the next after {took:?} (lease 10 s), no run failed");
}

const SHORT: Duration = Duration::from_secs(7);
const LONG: Duration = Duration::from_secs(3_600);
/// The last third of it is longer than a lease.
const LIVES_PAST_A_LEASE: Duration = Duration::from_secs(39);
const LEASE: Duration = Duration::from_secs(10);
