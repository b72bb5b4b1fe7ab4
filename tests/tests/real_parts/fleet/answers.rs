//! A provider whose answer is lost, that says no, or that asks for patience.

use std::time::{Duration, Instant};

use auth_layer::testing::{Endpoint, Fault};
use http::StatusCode;
use http::header::RETRY_AFTER;
use tests::Keep;

use super::rig::SESSION;
use super::{Answer, Engine, Rig, Visitor, user};

#[track_caller]
fn is_clean_login(rig: &Rig, (visitor, answer): &(Visitor, Answer)) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}: {answer:?}", rig.name);
    assert!(!visitor.has_session(), "{}: the browser is told to drop its cookie: {answer:?}", rig.name);
}

async fn lost_answer(keep: Keep) {
    let engine = Engine::redis().await;
    let rig = Rig::start(&engine, keep).await;
    let mut visitors = rig.expired(4).await;
    let ada = visitors.remove(0);
    rig.op.fault_times(Endpoint::Token, Fault::DropResponse, 1);
    let before = rig.refreshes();
    for (_, answer) in rig.at_once(&ada, 30, 3).await {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
        assert!(answer.headers.contains_key(RETRY_AFTER), "{answer:?}");
    }
    assert_eq!(rig.refreshes() - before, 1, "{}", rig.name);
    // The first backoff is a second and a quarter at most.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    for reply in &rig.at_once(&ada, 30, 3).await {
        is_clean_login(&rig, reply);
    }
    let calls = rig.refreshes() - before;
    assert_eq!(calls, 2, "{}", rig.name);
    rig.are_untouched(&mut visitors).await;
    println!(
        "F6: the provider's answer is lost ({}): 60 requests at 3 processes, {calls} calls, 30x503 then \
         30x401 with the cookie cleared; 3 of 3 other sessions live",
        rig.name
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_costs_one_more_try_and_at_most_that_session() {
    tokio::join!(lost_answer(Keep::InCookies), lost_answer(Keep::InTheStore));
}

async fn dead_grant(keep: Keep) {
    let engine = Engine::redis().await;
    let rig = Rig::start(&engine, keep).await;
    let mut visitors = rig.expired(4).await;
    let ada = visitors.remove(0);
    rig.op.revoke_grants(&user(0));
    let before = rig.refreshes();
    for reply in &rig.at_once(&ada, 30, 3).await {
        is_clean_login(&rig, reply);
    }
    let calls = rig.refreshes() - before;
    assert_eq!(calls, 1, "{}", rig.name);
    rig.are_untouched(&mut visitors).await;
    println!(
        "F8: invalid_grant ({}): 30 requests at 3 processes, {calls} call, 30x401; 3 of 3 other sessions live",
        rig.name
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_dead_is_asked_for_once_and_ends_that_session_only() {
    tokio::join!(dead_grant(Keep::InCookies), dead_grant(Keep::InTheStore));
}

async fn busy_provider(keep: Keep) {
    let engine = Engine::redis().await;
    let rig = Rig::start(&engine, keep).await;
    let ada = rig.expired(1).await.remove(0);
    let patience = Duration::from_secs(3);
    rig.op.fault(Endpoint::Token, Fault::RetryAfter(429, patience));
    let (before, began, mut requests) = (rig.refreshes(), Instant::now(), 0);
    while began.elapsed() < patience * 2 + Duration::from_secs(1) {
        let answer = ada.clone().get(&rig.url(requests % 3, SESSION)).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
        assert!(answer.headers.contains_key(RETRY_AFTER), "{answer:?}");
        requests += 1;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    let calls = rig.refreshes() - before;
    rig.op.clear_faults();
    let mended = Instant::now();
    while ada.clone().get(&rig.url(requests % 3, SESSION)).await.status != StatusCode::OK {
        assert!(mended.elapsed() < patience + Duration::from_secs(2), "{}", rig.name);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!(
        "F7: 429 with Retry-After: 3 for 7 s ({}): {requests} requests at 3 processes, {calls} calls; the \
         session is back {:?} after the provider",
        rig.name,
        mended.elapsed()
    );
    assert!(calls <= 3, "{calls} calls: {}", rig.name);
    assert_eq!(rig.reuses(), 0, "{}", rig.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_asks_for_patience_is_asked_once_a_step_by_the_whole_fleet() {
    tokio::join!(busy_provider(Keep::InCookies), busy_provider(Keep::InTheStore));
}
