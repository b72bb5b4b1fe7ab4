//! Shops that die or are suspended in the middle of a refresh.

use std::time::{Duration, Instant};

use auth_layer::testing::{Endpoint, Fault, Rotation};
use http::StatusCode;
use tests::Keep;
use tokio::task::JoinHandle;

use super::effort::rounds;
use super::rig::SESSION;
use super::{Answer, Engine, Rig, Visitor};

type Probe = JoinHandle<(Visitor, Answer)>;

/// Kills a shop in the middle of the refresh of each visitor, and returns what another shop answered them next.
///
/// The two that are killed take turns; the third answers.
async fn kill_at_each(rig: &mut Rig, visitors: &[Visitor], fault: Fault) -> Vec<(Visitor, Answer)> {
    let mut answered = Vec::new();
    let mut visitors = visitors.iter().enumerate().peekable();
    while visitors.peek().is_some() {
        let (wave, mut probes) = (Instant::now(), Vec::<Probe>::new());
        // Whoever waits for a lease would meet the fault of a later round: each wave ends before one does.
        while let Some((round, visitor)) = visitors.next_if(|_| wave.elapsed() < LEASE / 2) {
            let killed = round % 2;
            rig.op.fault_times(Endpoint::Token, fault.clone(), 1);
            let (mut leading, url) = (visitor.clone(), rig.url(killed, SESSION));
            let leading = tokio::spawn(async move { leading.try_get(&url).await });
            rig.op.wait_until_held(1).await;
            rig.shops.kill(killed).await;
            assert!(leading.await.unwrap().is_err(), "nobody answers");
            let (mut next, url) = (visitor.clone(), rig.url(2, SESSION));
            probes.push(tokio::spawn(async move {
                let answer = next.get(&url).await;
                (next, answer)
            }));
            rig.shops.restart(killed).await;
            // By now the provider has seen that nobody waits for its answer.
            rig.op.release();
        }
        for probe in probes {
            answered.push(probe.await.unwrap());
        }
    }
    answered
}

fn longest(answers: &[(Visitor, Answer)]) -> Duration {
    let longest = answers.iter().map(|(_, answer)| answer.took).max().unwrap();
    assert!(longest < LEASE + Duration::from_secs(1), "{longest:?}");
    longest
}

async fn killed_after_the_rotation(keep: Keep) {
    let engine = Engine::redis().await;
    let mut rig = Rig::start(&engine, keep).await;
    let kills = rounds(6, 20);
    let mut visitors = rig.expired(kills + 3).await;
    let mut others = visitors.split_off(kills);
    let answers = kill_at_each(&mut rig, &visitors, Fault::HoldResponseUntilReleased).await;
    for (visitor, answer) in &answers {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}: {answer:?}", rig.name);
        assert!(!visitor.has_session(), "{}: the cookie is cleared: {answer:?}", rig.name);
    }
    for visitor in &visitors {
        for instance in 0..3 {
            let answer = visitor.clone().open(&rig.url(instance, "/products")).await;
            assert!(answer.status.is_redirection(), "{}: {answer:?}", rig.name);
            assert!(answer.location().contains("/authorize") || answer.location().contains("/auth/login"));
        }
    }
    rig.are_untouched(&mut others).await;
    println!(
        "F5: kill -9 after the provider rotated, {kills} times at 3 processes ({}): {kills} clean logins, 0x500, \
         3 of 3 other sessions live; longest delay {:?} (lease 10 s)",
        rig.name,
        longest(&answers)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_killed_after_the_provider_rotated_costs_its_session_and_no_other() {
    tokio::join!(killed_after_the_rotation(Keep::InCookies), killed_after_the_rotation(Keep::InTheStore));
}

/// What the provider gives again, or has not given yet, is not lost.
async fn killed_and_lives(keep: Keep, rotation: Rotation, fault: Fault) {
    let engine = Engine::redis().await;
    let mut rig = Rig::start_with(&engine, keep, |provider| provider.rotation(rotation)).await;
    let kills = rounds(3, 5);
    let mut visitors = rig.expired(kills + 3).await;
    let mut others = visitors.split_off(kills);
    let answers = kill_at_each(&mut rig, &visitors, fault.clone()).await;
    for (visitor, answer) in &answers {
        assert_eq!(answer.subject().as_ref(), Some(&visitor.subject), "{}: {answer:?}", rig.name);
    }
    rig.are_untouched(&mut others).await;
    let (mut lived, answers): (Vec<_>, Vec<_>) = answers.into_iter().unzip();
    rig.are_untouched(&mut lived).await;
    let longest = answers.iter().map(|answer| answer.took).max().unwrap();
    assert!(longest < LEASE + Duration::from_secs(1), "{longest:?}");
    println!(
        "F5: kill -9 mid-refresh, rotation {rotation:?}, {fault:?}, {kills} times at 3 processes ({}): {kills} of {kills} \
         sessions live; longest delay {longest:?} (lease 10 s)",
        rig.name
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_killed_mid_refresh_costs_nothing_where_the_provider_does_not_rotate() {
    let fault = Fault::HoldResponseUntilReleased;
    tokio::join!(
        killed_and_lives(Keep::InCookies, Rotation::Never, fault.clone()),
        killed_and_lives(Keep::InTheStore, Rotation::Never, fault),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_killed_before_the_provider_did_anything_costs_nothing() {
    let fault = Fault::HoldUntilReleased;
    tokio::join!(
        killed_and_lives(Keep::InCookies, Rotation::Strict, fault.clone()),
        killed_and_lives(Keep::InTheStore, Rotation::Strict, fault),
    );
}

/// Stops the holder of the lease for longer than the lease, while the provider's answer is on the way.
async fn suspended(keep: Keep, rotation: Rotation) {
    let engine = Engine::redis().await;
    let rig = Rig::start_with(&engine, keep, |provider| provider.rotation(rotation)).await;
    let mut visitors = rig.expired(3).await;
    let ada = visitors.remove(0);
    rig.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let (mut late, url) = (ada.clone(), rig.url(0, SESSION));
    let late = tokio::spawn(async move {
        let answer = late.get(&url).await;
        (late, answer)
    });
    rig.op.wait_until_held(1).await;
    rig.shops.stop(0).await;
    let stopped = Instant::now();
    rig.op.release();
    let mut other = ada.clone();
    let at_other = other.get(&rig.url(1, SESSION)).await;
    assert!(at_other.took < LEASE + Duration::from_secs(1), "{:?}", at_other.took);
    tokio::time::sleep((LEASE + Duration::from_secs(2)).saturating_sub(stopped.elapsed())).await;
    rig.shops.resume(0);
    let (late, at_late) = late.await.unwrap();
    // A process that got no answer asks nobody for a second and a quarter.
    if at_late.status == StatusCode::SERVICE_UNAVAILABLE {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    let mut seen = Vec::new();
    for visitor in [&ada, &other, &late] {
        for instance in 0..3 {
            seen.push(visitor.clone().get(&rig.url(instance, SESSION)).await);
        }
    }
    let statuses: Vec<u16> = seen.iter().map(|answer| answer.status.as_u16()).collect();
    println!(
        "F19: the holder is stopped for 12 s, rotation {rotation:?} ({}): the other process answered {} after \
         {:?}, the late one {}; afterwards {statuses:?}",
        rig.name, at_other.status, at_other.took, at_late.status
    );
    for answer in seen.iter().chain([&at_other, &at_late]) {
        let is_allowed = match rotation {
            // Both spent one token: the provider ends the grant, and that session is over.
            Rotation::Strict => {
                let is_late = std::ptr::eq(answer, &at_late);
                matches!(answer.status, StatusCode::OK | StatusCode::UNAUTHORIZED)
                    || is_late && answer.status == StatusCode::SERVICE_UNAVAILABLE
            }
            _ => answer.status == StatusCode::OK && answer.expires_at() == at_other.expires_at(),
        };
        assert!(is_allowed, "{rotation:?}, {}: {answer:?}", rig.name);
        assert!(answer.subject().is_none_or(|subject| subject == ada.subject), "{answer:?}");
    }
    rig.are_untouched(&mut visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_holder_replaces_no_newer_tokens() {
    let overlap = Rotation::Overlap(Duration::from_secs(60));
    tokio::join!(
        suspended(Keep::InCookies, overlap),
        suspended(Keep::InTheStore, overlap),
        suspended(Keep::InCookies, Rotation::Never),
        suspended(Keep::InTheStore, Rotation::Never),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_holder_at_a_strict_provider_costs_at_most_its_session() {
    tokio::join!(suspended(Keep::InCookies, Rotation::Strict), suspended(Keep::InTheStore, Rotation::Strict),);
}

const LEASE: Duration = Duration::from_secs(10);
