//! The provider ends sessions at one instance, and they are over at all of them.

use std::time::Duration;

use auth_layer::session::MemoryStore;
use auth_layer::testing::{TestLogoutToken, User};
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use tests::{FaultyStore, Fleet, Keep, Reply, Site, Visitor, send_with_body};

const HOUR: Duration = Duration::from_secs(3_600);

async fn tell(fleet: &Fleet, instance: usize, token: &TestLogoutToken) -> Reply {
    tell_signed(fleet, instance, &fleet.op.mint_logout_token(token)).await
}

async fn tell_signed(fleet: &Fleet, instance: usize, token: &str) -> Reply {
    let request = Request::post("/auth/backchannel-logout");
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    send_with_body(fleet.app(instance), request, format!("logout_token={token}")).await
}

async fn sid(visitor: &Visitor) -> String {
    visitor.get("/auth/profile").await.json()["sid"].as_str().unwrap().to_owned()
}

async fn status(fleet: &Fleet, instance: usize, visitor: &Visitor) -> StatusCode {
    fleet.at(instance, &visitor.copied()).get("/token").await.status
}

#[tokio::test]
async fn what_one_instance_is_told_holds_at_all_within_a_second() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(3, keep).await;
        let (laptop, phone, bob) = (fleet.ada().await, fleet.ada().await, fleet.visitor());
        bob.log_in(&User::bob()).await;
        for instance in 0..3 {
            for visitor in [&laptop, &phone, &bob] {
                assert_eq!(status(&fleet, instance, visitor).await, StatusCode::OK);
            }
        }
        let of_laptop = TestLogoutToken::of_session(sid(&laptop).await);
        assert_eq!(tell(&fleet, 1, &of_laptop).await.status, StatusCode::OK, "{keep:?}");
        let over_everywhere = async |visitor: &Visitor| {
            let told = std::time::Instant::now();
            for instance in 0..3 {
                tests::eventually("the session is over", async || {
                    status(&fleet, instance, visitor).await == StatusCode::UNAUTHORIZED
                })
                .await;
            }
            assert!(told.elapsed() < Duration::from_secs(1), "{keep:?}: {:?}", told.elapsed());
        };
        over_everywhere(&laptop).await;
        assert_eq!(status(&fleet, 2, &phone).await, StatusCode::OK, "{keep:?}");
        let of_ada = TestLogoutToken::of_user(User::ada().subject());
        assert_eq!(tell(&fleet, 2, &of_ada).await.status, StatusCode::OK, "{keep:?}");
        over_everywhere(&phone).await;
        assert_eq!(status(&fleet, 0, &bob).await, StatusCode::OK, "{keep:?}");
        fleet.clock.advance(Duration::from_secs(1));
        laptop.log_in(&User::ada()).await;
        assert_eq!(status(&fleet, 2, &laptop).await, StatusCode::OK, "{keep:?}: whoever logs in again is in");
    }
}

#[tokio::test]
async fn a_logout_token_is_good_once_for_all_instances() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let token = fleet.op.mint_logout_token(&TestLogoutToken::of_user(User::ada().subject()));
        let both = tokio::join!(tell_signed(&fleet, 0, &token), tell_signed(&fleet, 1, &token));
        let mut statuses = [both.0.status, both.1.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::OK, StatusCode::BAD_REQUEST], "{keep:?}");
    }
}

#[tokio::test]
async fn a_logout_that_the_store_does_not_take_is_told_to_the_provider_and_may_be_sent_again() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        let token = fleet.op.mint_logout_token(&TestLogoutToken::of_session(sid(&ada).await));
        fleet.store.set(tests::Mood::Away);
        assert_eq!(tell_signed(&fleet, 1, &token).await.status, StatusCode::BAD_REQUEST, "{keep:?}");
        fleet.store.set(tests::Mood::Well);
        assert_eq!(tell_signed(&fleet, 1, &token).await.status, StatusCode::OK, "{keep:?}");
        tests::eventually("the session is over", async || {
            status(&fleet, 0, &ada).await == StatusCode::UNAUTHORIZED
        })
        .await;
    }
}

#[tokio::test]
async fn five_hundred_logouts_of_the_providers_race_a_refresh_elsewhere_and_none_is_undone() {
    let mut resurrected = 0;
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(2, keep).await;
        for round in 0..250_u32 {
            let ada = fleet.ada().await;
            let copied = ada.copied();
            let token = TestLogoutToken::of_session(sid(&ada).await);
            fleet.clock.advance(HOUR);
            let refreshing = fleet.at(1, &ada.copied());
            let refreshing = tokio::spawn(async move {
                refreshing.get("/token").await;
                refreshing
            });
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            assert_eq!(tell(&fleet, 0, &token).await.status, StatusCode::OK);
            let refreshed = refreshing.await.unwrap();
            for visitor in [&refreshed, &copied] {
                resurrected += u32::from(status(&fleet, 0, visitor).await != StatusCode::UNAUTHORIZED);
            }
        }
    }
    assert_eq!(resurrected, 0, "of 500");
}

#[tokio::test]
async fn where_the_store_removes_no_groups_each_request_looks_for_the_word_of_the_provider() {
    let site = Site::builder()
        .open_with_store(|clock| FaultyStore::new(MemoryStore::new(clock)).without_groups())
        .await;
    let (laptop, phone) = (site.ada().await, site.ada().await);
    let token = site.op.mint_logout_token(&TestLogoutToken::of_session(sid(&laptop).await));
    let request = Request::post("/auth/backchannel-logout");
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let reply = send_with_body(site.app(), request, format!("logout_token={token}")).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(laptop.get("/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(phone.get("/session").await.status, StatusCode::OK);
}
