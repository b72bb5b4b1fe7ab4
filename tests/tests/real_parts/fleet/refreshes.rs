//! One refresh for the fleet, also at a provider that takes its time.

use std::time::{Duration, Instant};

use auth_layer::testing::{Endpoint, Fault};
use futures_util::future::join_all;
use http::StatusCode;
use tests::Keep;

use super::rig::SESSION;
use super::{Answer, Engine, Rig, Visitor};

async fn refresh_once(engine: &Engine) {
    for keep in Keep::BOTH {
        let rig = Rig::start(engine, keep).await;
        let mut ada = rig.expired(1).await.remove(0);
        for cycle in 1..=4 {
            let (before, began) = (rig.refreshes(), Instant::now());
            let answers = rig.in_turn(&ada, 300, 3).await;
            let took = began.elapsed();
            for (_, answer) in &answers {
                assert_eq!(answer.subject().as_ref(), Some(&ada.subject), "{answer:?}");
                assert_eq!(answer.expires_at(), answers[0].1.expires_at(), "all see one token");
            }
            assert_eq!(rig.refreshes() - before, 1, "{}, cycle {cycle}", rig.name);
            let again = answers.iter().filter(|(_, answer)| answer.came_again).count();
            assert!(again <= MOST_AGAIN, "{again} of 300 came again: {}", rig.name);
            println!(
                "F2: 300 requests at 3 processes ({}), cycle {cycle}: 1 refresh, 300x200 ({again} at the second \
                 try) in {took:?}",
                rig.name
            );
            ada = answers.into_iter().next_back().unwrap().0;
            rig.let_expire(&mut ada).await;
        }
        assert_eq!(rig.reuses(), 0, "{}", rig.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_requests_at_three_processes_on_redis_refresh_once() {
    refresh_once(&Engine::redis().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_requests_at_three_processes_on_postgres_refresh_once() {
    refresh_once(&Engine::postgres().await).await;
}

/// The token lives for the last third of its life while it is refreshed.
async fn slow_provider(keep: Keep) {
    let engine = Engine::redis().await;
    let rig = Rig::start(&engine, keep).await;
    let living = rig.log_in_for(1, LIFE.as_secs()).await.remove(0);
    let began = Instant::now();
    let expired = rig.expired(1).await.remove(0);
    rig.op.fault(Endpoint::Token, Fault::Delay(Duration::from_secs(8)));
    let before = rig.refreshes();
    tokio::time::sleep((LIFE * 2 / 3 + Duration::from_millis(300)).saturating_sub(began.elapsed())).await;
    let ((), of_living, of_expired) = tokio::join!(
        async {
            // A browser that comes when the token has expired meanwhile finds what the refresh brought.
            tokio::time::sleep((LIFE + Duration::from_millis(500)).saturating_sub(began.elapsed())).await;
            let answer = living.clone().get(&rig.url(1, SESSION)).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        },
        in_waves(&rig, &living),
        in_waves(&rig, &expired),
    );
    let again = of_living.iter().chain(&of_expired).filter(|(_, answer)| answer.came_again).count();
    let [living, expired] = [of_living, of_expired].map(times);
    assert_eq!(rig.refreshes() - before, 2, "one for each session: {}", rig.name);
    assert_eq!(rig.reuses(), 0, "{}", rig.name);
    println!(
        "F3: the provider takes 8 s, 2 processes ({}): 1 refresh a session; of 100 with a living token \
         median {:?}, longest {:?}; of 100 with an expired one longest {:?}; 200x200 ({again} at \
         the second try)",
        rig.name, living[50], living[99], expired[99]
    );
    assert!(living[50] < Duration::from_millis(1_500), "{living:?}");
    assert!(living[99] < Duration::from_secs(5), "nobody waits for the provider: {living:?}");
    assert!(expired[99] < Duration::from_secs(15), "{expired:?}");
}

/// A hundred requests at two processes, in a second and a half: all are there long before the provider answers.
async fn in_waves(rig: &Rig, visitor: &Visitor) -> Vec<(Visitor, Answer)> {
    let waves = (0..5).map(|wave| async move {
        tokio::time::sleep(Duration::from_millis(300) * wave).await;
        rig.at_once(visitor, 20, 2).await
    });
    join_all(waves).await.into_iter().flatten().collect()
}

fn times(answers: Vec<(Visitor, Answer)>) -> Vec<Duration> {
    let time = |(visitor, answer): (Visitor, Answer)| {
        assert_eq!(answer.subject(), Some(visitor.subject), "{answer:?}");
        answer.took
    };
    let mut times: Vec<_> = answers.into_iter().map(time).collect();
    times.sort_unstable();
    times
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_takes_eight_seconds_is_asked_once_and_a_living_token_does_not_wait_for_it() {
    for keep in Keep::BOTH {
        slow_provider(keep).await;
    }
}

/// A process that gets no processor for half a second counts its store as away.
const MOST_AGAIN: usize = 30;
const LIFE: Duration = Duration::from_secs(15);
