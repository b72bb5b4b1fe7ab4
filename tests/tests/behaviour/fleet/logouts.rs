//! A logout holds at every instance, and no refresh brings a session back.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, User};
use http::StatusCode;
use tests::{Keep, Mood, Site};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn after_a_logout_the_old_cookie_is_anonymous_everywhere_within_a_second() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(3, keep).await;
        let ada = fleet.ada().await;
        let copied = ada.copied();
        for instance in 0..3 {
            assert_eq!(fleet.at(instance, &copied.copied()).get("/session").await.body, "local|ada");
        }
        ada.get("/auth/logout").await;
        let logged_out = std::time::Instant::now();
        for instance in 0..3 {
            tests::eventually("the session is over", async || {
                let reply = fleet.at(instance, &copied.copied()).get("/session").await;
                reply.status == StatusCode::UNAUTHORIZED
            })
            .await;
        }
        assert!(logged_out.elapsed() < Duration::from_secs(1), "{keep:?}: {:?}", logged_out.elapsed());
    }
}

#[tokio::test]
async fn a_refresh_that_is_under_way_elsewhere_does_not_outlive_the_logout() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        let copied = ada.copied();
        fleet.clock.advance(HOUR);
        fleet.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
        let slow = fleet.at(1, &ada.copied());
        let slow = tokio::spawn(async move {
            let reply = slow.get("/token").await;
            (slow, reply)
        });
        fleet.op.wait_until_held(1).await;
        ada.get("/auth/logout").await;
        fleet.op.release();
        let (slow, reply) = slow.await.unwrap();
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{keep:?}");
        for (name, visitor) in [("the late response's cookies", &slow), ("the old cookies", &copied)] {
            for instance in 0..2 {
                let reply = fleet.at(instance, &visitor.copied()).get("/token").await;
                assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{keep:?}, {name}, instance {instance}");
            }
        }
        fleet.auths[1].drain().await;
        assert_eq!(
            fleet.op.calls(Endpoint::Revocation),
            2,
            "{keep:?}: what the refresh brought is revoked, too"
        );
    }
}

#[tokio::test]
async fn five_hundred_logouts_race_a_refresh_elsewhere_and_none_is_undone() {
    let mut resurrected = 0;
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        for round in 0..250_u32 {
            let ada = fleet.ada().await;
            let copied = ada.copied();
            fleet.clock.advance(HOUR);
            let refreshing = fleet.at(1, &ada.copied());
            let refreshing = tokio::spawn(async move {
                refreshing.get("/token").await;
                refreshing
            });
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            ada.get("/auth/logout").await;
            let refreshed = refreshing.await.unwrap();
            // The instance that logged out knows at once, the other after half a second: this is a third.
            for visitor in [&refreshed, &copied] {
                let reply = fleet.at(0, &visitor.copied()).get("/token").await;
                resurrected += u32::from(reply.status != StatusCode::UNAUTHORIZED);
            }
        }
    }
    assert_eq!(resurrected, 0, "of 500");
}

#[tokio::test]
async fn a_slow_response_of_the_old_session_leaves_the_next_login_elsewhere_alone() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        fleet.clock.advance(HOUR);
        fleet.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
        // The same browser: what this response sets or deletes is set or deleted there.
        let slow = fleet.at(1, &ada);
        let slow = tokio::spawn(async move { slow.get("/token").await });
        fleet.op.wait_until_held(1).await;
        ada.get("/auth/logout").await;
        ada.log_in(&User::ada()).await;
        fleet.op.release();
        assert_eq!(slow.await.unwrap().status, StatusCode::UNAUTHORIZED, "{keep:?}");
        assert_eq!(ada.get("/session").await.body, "local|ada", "{keep:?}");
    }
}

#[tokio::test]
async fn a_logout_whose_browser_hangs_up_is_written_all_the_same() {
    let fleet = Site::builder().open_fleet(2, Keep::InCookies).await;
    let ada = fleet.ada().await;
    let copied = ada.copied();
    assert_eq!(ada.get("/session").await.body, "local|ada");
    let (store, calls) = (fleet.store.clone(), fleet.store.calls());
    store.set(Mood::Stuck);
    let leaving = tokio::spawn(async move { ada.get("/auth/logout").await });
    tests::eventually("the store is told", async || store.calls() > calls).await;
    leaving.abort();
    assert!(leaving.await.unwrap_err().is_cancelled());
    store.set(Mood::Well);
    fleet.auths[0].drain().await;
    assert_eq!(fleet.at(1, &copied).get("/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(fleet.op.calls(Endpoint::Revocation), 1);
}
