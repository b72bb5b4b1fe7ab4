//! Sessions in a store: the same behaviours, with only an id in the cookie.

use std::time::Duration;

use auth_layer::session::MemoryStore;
use auth_layer::testing::{Endpoint, Fault};
use futures_util::future::join_all;
use http::StatusCode;
use tests::Site;

const HOUR: Duration = Duration::from_secs(3_600);

async fn site() -> (Site, MemoryStore) {
    let mut store = None;
    let site = Site::builder().open_with_store(|clock| store.insert(MemoryStore::new(clock)).clone()).await;
    (site, store.unwrap())
}

#[tokio::test]
async fn the_cookie_holds_an_id_and_the_store_the_session() {
    let (site, store) = site().await;
    let ada = site.ada().await;
    assert_eq!(store.len(), 1);
    let cookies = ada.cookies();
    assert!(cookies.values().all(|value| value.len() < 200), "{cookies:?}");
    assert_eq!(ada.get("/session").await.body, "local|ada");
}

#[tokio::test]
async fn two_hundred_parallel_requests_refresh_once_and_no_cookie_is_written() {
    let (site, _) = site().await;
    let ada = site.ada().await;
    for cycle in 1..=3 {
        site.clock.advance(HOUR);
        ada.get("/session").await;
        let replies = join_all((0..200).map(|_| {
            let ada = ada.copied();
            async move { ada.get("/token").await }
        }))
        .await;
        let token = replies[0].token();
        assert!(replies.iter().all(|reply| reply.token() == token && reply.set_cookies().is_empty()));
        assert_eq!(site.refreshes(), cycle);
    }
}

#[tokio::test]
async fn a_logout_removes_the_record_and_a_refresh_in_flight_does_not_bring_it_back() {
    let (site, store) = site().await;
    let ada = site.ada().await;
    let old = ada.copied();
    site.clock.advance(HOUR);
    site.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let slow = ada.copied();
    let slow = tokio::spawn(async move { slow.get("/token").await });
    site.op.wait_until_held(1).await;
    ada.get("/auth/logout").await;
    site.op.release();
    slow.await.unwrap();
    assert!(store.is_empty());
    assert_eq!(old.get("/token").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_client_that_hangs_up_finds_the_refreshed_token_in_the_store() {
    let (site, _) = site().await;
    let ada = site.ada().await;
    site.clock.advance(HOUR);
    site.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let leaving = ada.copied();
    let request = tokio::spawn(async move { leaving.get("/token").await });
    site.op.wait_until_held(1).await;
    request.abort();
    drop(request.await);
    site.op.release();
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    // Past the grace period only the store knows the new refresh token.
    site.clock.advance(Duration::from_secs(120));
    assert_eq!(ada.get("/force").await.status, StatusCode::OK);
    assert_eq!((site.refreshes(), site.op.log_count("ferrt")), (2, 0));
}
