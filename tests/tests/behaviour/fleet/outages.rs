//! The store is away, deaf or stuck, or an instance is gone: nothing is lost that anyone has.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, TestLogoutToken, User};
use http::StatusCode;
use tests::{Keep, Mood, Site};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn while_the_store_is_away_a_session_route_is_503_and_the_session_stays() {
    for keep in Keep::BOTH {
        for mood in [Mood::Away, Mood::Stuck] {
            let fleet = Site::builder().open_fleet(2, keep).await;
            let ada = fleet.ada().await;
            fleet.store.set(mood);
            // At an instance that has not just seen it.
            for path in ["/session", "/token", "/user", "/maybe"] {
                let reply = fleet.at(1, &ada).get(path).await;
                assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{path}, {keep:?}, {mood:?}");
                assert!(reply.set_cookies().is_empty(), "{path}, {keep:?}, {mood:?}");
            }
            assert_eq!(ada.get("/open").await.body, "open", "{keep:?}, {mood:?}");
            fleet.store.set(Mood::Well);
            assert_eq!(fleet.at(1, &ada).get("/session").await.body, "local|ada", "{keep:?}, {mood:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_spent_without_a_lease() {
    let fleet = Site::builder().open_fleet(1, Keep::InCookies).await;
    let ada = fleet.ada().await;
    // It was seen alive a moment ago: only the refresh needs the store.
    assert_eq!(ada.get("/session").await.body, "local|ada");
    fleet.clock.advance(HOUR);
    fleet.store.set(Mood::Away);
    let reply = ada.get("/token").await;
    assert_eq!((reply.status, fleet.refreshes()), (StatusCode::SERVICE_UNAVAILABLE, 0), "{}", reply.body);
    fleet.store.set(Mood::Well);
    fleet.clock.advance(Duration::from_secs(1));
    assert_eq!((ada.get("/token").await.status, fleet.refreshes()), (StatusCode::OK, 1));
}

#[tokio::test]
async fn tokens_that_the_store_did_not_take_are_brought_in_when_it_is_back() {
    for keep in Keep::BOTH {
        for mood in [Mood::Away, Mood::Deaf] {
            let fleet = Site::builder().open_fleet(2, keep).await;
            let ada = fleet.ada().await;
            fleet.clock.advance(HOUR);
            fleet.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
            let leading = ada.copied();
            let request = tokio::spawn(async move { leading.get("/token").await });
            fleet.op.wait_until_held(1).await;
            fleet.store.set(mood);
            fleet.op.release();
            let token = request.await.unwrap().token();
            // The other instance sees that the store is away, as it does without visitors within two seconds.
            fleet.at(1, &ada.copied()).get("/session").await;
            // The lease ends meanwhile: whoever comes first when the store is back could take it.
            fleet.clock.advance(Duration::from_secs(30));
            fleet.store.set(Mood::Well);
            let reply = fleet.at(1, &ada.copied()).get("/token").await;
            assert_eq!(reply.token(), token, "{keep:?}, {mood:?}");
            assert_eq!((fleet.refreshes(), fleet.op.log_count("ferrt")), (1, 0), "{keep:?}, {mood:?}");
        }
    }
}

#[tokio::test]
async fn an_instance_that_dies_before_it_spent_anything_delays_the_others_by_no_more_than_its_lease() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(1, keep).await;
        let ada = fleet.ada().await;
        fleet.clock.advance(HOUR);
        let dying = std::thread::spawn({
            let (config, store, keep) = (fleet.config.clone(), fleet.store.clone(), keep);
            let cookies = ada.copied();
            let op = fleet.op.clone();
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let auth = keep.discover(config, store).await.unwrap();
                    op.fault_times(Endpoint::Token, Fault::HoldUntilReleased, 1);
                    let dying = cookies.at(tests::routes_behind(&auth));
                    let request = tokio::spawn(async move { dying.get("/token").await });
                    op.wait_until_held(1).await;
                    request.abort();
                });
                // With the runtime goes everything that the instance had under way.
                runtime.shutdown_background();
            }
        });
        tokio::task::spawn_blocking(move || dying.join().unwrap()).await.unwrap();
        fleet.op.clear_faults();
        let waiting = ada.copied();
        let waiting = tokio::spawn(async move { waiting.get("/token").await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!waiting.is_finished(), "{keep:?}: the lease of the dead is respected");
        fleet.clock.advance(Duration::from_secs(10));
        assert_eq!(waiting.await.unwrap().status, StatusCode::OK, "{keep:?}");
    }
}

#[tokio::test]
async fn a_logout_while_the_store_is_away_is_written_when_it_is_back() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        let (copied, bob) = (ada.copied(), fleet.visitor());
        bob.log_in(&User::bob()).await;
        assert_eq!(ada.get("/session").await.body, "local|ada");
        fleet.store.set(Mood::Away);
        let reply = ada.get("/auth/logout").await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{keep:?}");
        assert!(ada.cookies().is_empty(), "{keep:?}");
        fleet.store.set(Mood::Well);
        fleet.auths[0].drain().await;
        for instance in 0..2 {
            let reply = fleet.at(instance, &copied.copied()).get("/session").await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{keep:?}, instance {instance}");
        }
        assert_eq!(bob.get("/session").await.body, "local|bob", "{keep:?}: and no other");
    }
}

#[tokio::test]
async fn a_logout_that_is_repeated_while_the_store_is_away_is_tried_again_by_one() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(1, keep).await;
        let ada = fleet.ada().await;
        fleet.store.set(Mood::Away);
        for _ in 0..50 {
            ada.copied().get("/auth/logout").await;
        }
        let before = fleet.store.calls();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let calls = fleet.store.calls() - before;
        assert!(calls <= 12, "{keep:?}: {calls} calls in a second, of which one try makes five");
    }
}

#[tokio::test]
async fn a_logout_of_the_providers_whose_answer_was_lost_is_done_when_it_comes_again() {
    for keep in Keep::BOTH {
        for mood in [Mood::Away, Mood::Deaf] {
            let fleet = Site::builder().open_fleet(2, keep).await;
            let ada = fleet.ada().await;
            let token = fleet.op.mint_logout_token(&TestLogoutToken::of_user(User::ada().subject()));
            fleet.store.set(mood);
            assert_eq!(fleet.told(0, &token).await, StatusCode::BAD_REQUEST, "{keep:?}, {mood:?}");
            fleet.store.set(Mood::Well);
            assert_eq!(fleet.told(0, &token).await, StatusCode::OK, "{keep:?}, {mood:?}");
            for instance in 0..2 {
                let reply = fleet.at(instance, &ada.copied()).get("/session").await;
                assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{keep:?}, {mood:?}, {instance}");
            }
            assert_eq!(
                fleet.told(0, &token).await,
                StatusCode::BAD_REQUEST,
                "{keep:?}, {mood:?}: it is a replay now"
            );
        }
    }
}

#[tokio::test]
async fn a_logout_of_the_providers_that_comes_once_while_the_store_is_away_holds_when_it_is_back() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        let token = fleet.op.mint_logout_token(&TestLogoutToken::of_user(User::ada().subject()));
        fleet.store.set(Mood::Away);
        for _ in 0..50 {
            assert_eq!(fleet.told(0, &token).await, StatusCode::BAD_REQUEST, "{keep:?}");
        }
        let before = fleet.store.calls();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let calls = fleet.store.calls() - before;
        assert!(calls <= 12, "{keep:?}: {calls} calls in a second, of which one try makes five");
        fleet.store.set(Mood::Well);
        fleet.auths[0].drain().await;
        let reply = fleet.at(1, &ada).get("/session").await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{keep:?}");
    }
}
