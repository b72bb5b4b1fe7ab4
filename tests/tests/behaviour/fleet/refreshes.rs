//! One refresh for all instances, and nobody who comes late spends anything.

use std::sync::Arc;
use std::time::Duration;

use auth_layer::Session;
use auth_layer::testing::{Endpoint, Fault, Rotation, User};
use axum::Router;
use axum::routing::get;
use futures_util::future::join_all;
use http::StatusCode;
use tests::{Fleet, Keep, Site, Visitor};
use tokio::sync::Notify;

const HOUR: Duration = Duration::from_secs(3_600);

/// What as many requests as there are numbers get, each at the instance of its number.
async fn at_once(fleet: &Fleet, ada: &Visitor, instances: impl Iterator<Item = usize>) -> Vec<tests::Reply> {
    join_all(instances.map(|instance| {
        let ada = fleet.at(instance, &ada.copied());
        async move { ada.get("/token").await }
    }))
    .await
}

#[tokio::test]
async fn three_hundred_requests_at_three_instances_refresh_once() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(3, keep).await;
        let ada = fleet.ada().await;
        for cycle in 1..=4 {
            fleet.clock.advance(HOUR);
            let replies = at_once(&fleet, &ada, (0..300).map(|number| number % 3)).await;
            let token = replies[0].token();
            assert!(replies.iter().all(|reply| reply.token() == token), "{keep:?}, cycle {cycle}");
            assert_eq!(fleet.refreshes(), cycle, "{keep:?}");
            // One of them was the browser's: it goes on with what that one brought.
            assert_eq!(ada.get("/token").await.token(), token, "{keep:?}, cycle {cycle}");
        }
        assert_eq!(fleet.op.log_count("ferrt"), 0, "{keep:?}: no refresh token was used again");
    }
}

#[tokio::test]
async fn two_users_at_two_instances_never_see_each_others_token() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let (ada, bob) = (fleet.ada().await, fleet.visitor());
        bob.log_in(&User::bob()).await;
        fleet.clock.advance(HOUR);
        let (of_ada, of_bob) = tokio::join!(
            at_once(&fleet, &ada, (0..20).map(|number| number % 2)),
            at_once(&fleet, &bob, (0..20).map(|number| number % 2)),
        );
        let token = |replies: &[tests::Reply]| replies[0].token();
        assert_ne!(token(&of_ada), token(&of_bob), "{keep:?}");
        assert!(of_ada.iter().all(|reply| reply.token() == token(&of_ada)));
        assert!(of_bob.iter().all(|reply| reply.token() == token(&of_bob)));
        assert_eq!(fleet.refreshes(), 2, "{keep:?}");
    }
}

#[tokio::test]
async fn a_browser_that_missed_the_answer_finds_it_at_another_instance_even_hours_later() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        fleet.clock.advance(HOUR);
        fleet.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
        let leaving = fleet.at(1, &ada.copied());
        let request = tokio::spawn(async move { leaving.get("/token").await });
        fleet.op.wait_until_held(1).await;
        request.abort();
        drop(request.await);
        fleet.op.release();
        fleet.auths[1].drain().await;
        for hours in [0, 1, 3] {
            fleet.clock.advance(HOUR * hours);
            assert_eq!(ada.get("/token").await.status, StatusCode::OK, "{keep:?}, after {hours} hours");
        }
        assert_eq!(fleet.op.log_count("ferrt"), 0, "{keep:?}");
    }
}

#[tokio::test]
async fn once_the_browser_has_the_new_cookie_the_old_one_is_good_for_the_grace_period_at_every_instance() {
    // The first has refreshed, and remembers that by itself; the second has seen the new cookie.
    for (instance, seconds) in [(0, 121), (1, 61)] {
        let fleet = Site::builder().open_fleet(2, Keep::InCookies).await;
        let ada = fleet.ada().await;
        let old = fleet.at(instance, &ada.copied());
        fleet.clock.advance(HOUR);
        let token = ada.get("/token").await.token();
        assert_eq!(fleet.at(1, &ada).get("/token").await.token(), token);
        fleet.auths[1].drain().await;
        assert_eq!(old.copied().get("/token").await.token(), token, "within the grace period");
        fleet.clock.advance(Duration::from_secs(seconds));
        assert_eq!(old.get("/token").await.status, StatusCode::UNAUTHORIZED, "instance {instance}");
        assert_eq!(
            fleet.op.log_count("ferrt"),
            1,
            "a replay is shown to the provider, which sees what it is"
        );
    }
}

#[tokio::test]
async fn a_forced_refresh_is_not_merged_into_one_of_another_instance_that_was_not() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        fleet.clock.advance(HOUR);
        let (plain, forced) = (fleet.at(0, &ada.copied()), fleet.at(1, &ada.copied()));
        fleet.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
        let first = tokio::spawn(async move { plain.get("/token").await });
        fleet.op.wait_until_held(1).await;
        let second = tokio::spawn(async move { forced.get("/force").await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        fleet.op.release();
        let (first, second) = (first.await.unwrap().token(), second.await.unwrap().token());
        assert_ne!(first, second, "{keep:?}");
        assert_eq!((fleet.refreshes(), fleet.op.log_count("ferrt")), (2, 0), "{keep:?}");
    }
}

#[tokio::test]
async fn two_audiences_at_two_instances_spend_one_chain_of_refresh_tokens() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        fleet.clock.advance(HOUR);
        let (one, other) = (fleet.at(0, &ada.copied()), fleet.at(1, &ada.copied()));
        let (one, other) = tokio::join!(one.get("/token"), other.get("/billing"));
        assert_ne!(one.token(), other.token(), "{keep:?}");
        assert_eq!((fleet.refreshes(), fleet.op.log_count("ferrt")), (2, 0), "{keep:?}");
    }
}

#[tokio::test]
async fn a_dead_grant_is_asked_about_once_and_ends_its_session_at_every_instance() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(3, keep).await;
        let (ada, bob) = (fleet.ada().await, fleet.visitor());
        bob.log_in(&User::bob()).await;
        fleet.op.revoke_grants(&User::ada());
        fleet.clock.advance(HOUR);
        let replies = at_once(&fleet, &ada, (0..30).map(|number| number % 3)).await;
        assert!(replies.iter().all(|reply| reply.status == StatusCode::UNAUTHORIZED), "{keep:?}");
        assert_eq!(fleet.refreshes(), 1, "{keep:?}");
        assert_eq!(fleet.at(2, &bob).get("/token").await.status, StatusCode::OK, "{keep:?}: and no other");
    }
}

#[tokio::test]
async fn while_the_provider_is_away_all_instances_together_ask_once_in_each_backoff() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(3, keep).await;
        let ada = fleet.ada().await;
        fleet.clock.advance(HOUR);
        fleet.op.fault(Endpoint::Token, Fault::Status(503));
        // 1 s, 2 s and 4 s, each a quarter longer at most.
        for (step, seconds) in [2, 3, 5].into_iter().enumerate() {
            for _ in 0..3 {
                let replies = at_once(&fleet, &ada, (0..9).map(|number| number % 3)).await;
                assert!(replies.iter().all(|reply| reply.status == StatusCode::SERVICE_UNAVAILABLE));
                assert!(replies.iter().all(|reply| !reply.header("retry-after").is_empty()));
            }
            assert_eq!(fleet.refreshes(), step + 1, "{keep:?}");
            fleet.clock.advance(Duration::from_secs(seconds));
        }
        fleet.op.clear_faults();
        fleet.clock.advance(Duration::from_secs(5));
        let replies = at_once(&fleet, &ada, (0..9).map(|number| number % 3)).await;
        assert!(replies.iter().all(|reply| reply.status == StatusCode::OK), "{keep:?}");
        assert_eq!(fleet.refreshes(), 4, "{keep:?}");
    }
}

#[tokio::test]
async fn a_living_token_is_served_at_once_while_another_instance_refreshes() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        let living = ada.get("/token").await.token();
        fleet.clock.advance(HOUR - Duration::from_secs(30));
        fleet.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
        assert_eq!(ada.get("/token").await.token(), living, "{keep:?}: the leader's patience is over");
        fleet.op.wait_until_held(1).await;
        let replies = at_once(&fleet, &ada, (0..20).map(|number| number % 2)).await;
        assert!(replies.iter().all(|reply| reply.token() == living), "{keep:?}");
        fleet.op.release();
        fleet.auths[0].drain().await;
        tests::eventually("the other instance finds the new token", async || {
            fleet.at(1, &ada.copied()).get("/token").await.token() != living
        })
        .await;
        assert_eq!(fleet.refreshes(), 1, "{keep:?}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_rotate_is_asked_once_for_each_expiry_as_well() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().provider(|op| op.rotation(Rotation::Never)).open_fleet(3, keep).await;
        let ada = fleet.ada().await;
        for cycle in 1..=4 {
            fleet.clock.advance(HOUR);
            let replies = at_once(&fleet, &ada, (0..30).map(|number| number % 3)).await;
            let token = replies[0].token();
            assert!(replies.iter().all(|reply| reply.token() == token), "{keep:?}, cycle {cycle}");
            assert_eq!(ada.get("/token").await.token(), token, "{keep:?}, cycle {cycle}");
            assert_eq!(fleet.refreshes(), cycle, "{keep:?}");
        }
    }
}

#[tokio::test]
async fn a_response_that_rolls_the_session_brings_no_older_tokens_back() {
    let fleet = Site::builder().open_fleet(2, Keep::InCookies).await;
    let ada = fleet.ada().await;
    let rolling = ada.copied();
    fleet.clock.advance(HOUR);
    let token = ada.get("/token").await.token();
    // No handler of this request asks for a token, and the cookie that it sets arrives last.
    let reply = fleet.at(1, &rolling).get("/session").await;
    assert!(!reply.set_cookies().is_empty(), "the session rolls");
    fleet.auths[1].drain().await;
    let last = fleet.at(1, &rolling);
    assert_eq!(last.get("/token").await.token(), token);
    fleet.clock.advance(HOUR);
    assert_eq!(last.get("/token").await.status, StatusCode::OK);
    assert_eq!((fleet.refreshes(), fleet.op.log_count("ferrt")), (2, 0));
}

#[tokio::test]
async fn a_slow_response_that_rolls_the_session_brings_no_older_tokens_back() {
    let fleet = Site::builder().open_fleet(2, Keep::InCookies).await;
    let ada = fleet.ada().await;
    fleet.clock.advance(HOUR);
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    // Its handler asks for no token.
    let (enters, leaves) = (Arc::clone(&entered), Arc::clone(&leave));
    let handler = async move |_: Session| {
        enters.notify_one();
        leaves.notified().await;
    };
    let slow = ada.at(Router::new().route("/slow", get(handler)).layer(fleet.auths[1].layer()));
    let slow = tokio::spawn(async move { slow.get("/slow").await });
    entered.notified().await;
    let token = ada.get("/token").await.token();
    assert_eq!(ada.get("/token").await.token(), token, "and the browser has shown the new cookie");
    fleet.auths[0].drain().await;
    leave.notify_one();
    assert_eq!(slow.await.unwrap().status, StatusCode::OK);
    fleet.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    assert_eq!((fleet.refreshes(), fleet.op.log_count("ferrt")), (2, 0));
}
