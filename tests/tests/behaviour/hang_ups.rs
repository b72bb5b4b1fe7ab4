//! Clients that hang up: what they began is finished, and nothing is lost.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault};
use http::StatusCode;
use tests::Site;

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn fifty_clients_that_hang_up_at_random_points_keep_their_sessions() {
    let site = Site::open().await;
    let mut alive = 0;
    for round in 0..50_u32 {
        let ada = site.ada().await;
        let before = site.refreshes();
        site.clock.advance(HOUR);
        let leaving = ada.copied();
        let request = tokio::spawn(async move { leaving.get("/token").await });
        // From before the first byte is sent to after the answer is there.
        for _ in 0..round * 3 {
            tokio::task::yield_now().await;
        }
        request.abort();
        drop(request.await);
        let reply = ada.get("/token").await;
        assert_eq!(reply.status, StatusCode::OK, "round {round}: {}", reply.body);
        assert_eq!(site.refreshes(), before + 1, "round {round}: one refresh");
        alive += 1;
    }
    assert_eq!((alive, site.op.log_count("fertft"), site.op.log_count("ferrt")), (50, 0, 0));
}

#[tokio::test]
async fn a_client_that_hangs_up_while_the_provider_answers_finds_the_result() {
    let site = Site::open().await;
    for fault in [Fault::HoldUntilReleased, Fault::HoldResponseUntilReleased] {
        let ada = site.ada().await;
        let before = site.refreshes();
        site.op.fault_times(Endpoint::Token, fault, 1);
        site.clock.advance(HOUR);
        let leaving = ada.copied();
        let request = tokio::spawn(async move { leaving.get("/token").await });
        site.op.wait_until_held(1).await;
        request.abort();
        drop(request.await);
        site.op.release();
        assert_eq!(ada.get("/token").await.status, StatusCode::OK);
        assert_eq!(site.refreshes(), before + 1);
    }
}

#[tokio::test]
async fn a_browser_that_leaves_in_the_middle_of_its_login_may_ask_again() {
    use auth_layer::testing::User;
    let site = Site::open().await;
    let ada = site.visitor();
    let departure = ada.get("/auth/login").await;
    let callback = site.op.browser().log_in(&User::ada(), &departure.location()).await.unwrap();
    let callback = callback[tests::BASE_URL.len()..].to_owned();
    site.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let (leaving, path) = (ada.copied(), callback.clone());
    let request = tokio::spawn(async move { leaving.get(&path).await });
    site.op.wait_until_held(1).await;
    request.abort();
    drop(request.await);
    site.op.release();
    let again = ada.get(&callback).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    assert_eq!(site.op.token_calls("authorization_code"), 1);
}

#[tokio::test]
async fn a_login_that_got_no_answer_may_be_tried_again() {
    use auth_layer::testing::User;
    let site = Site::open().await;
    let ada = site.visitor();
    let departure = ada.get("/auth/login").await;
    let callback = site.op.browser().log_in(&User::ada(), &departure.location()).await.unwrap();
    let callback = callback[tests::BASE_URL.len()..].to_owned();
    site.op.fault_times(Endpoint::Token, Fault::Status(503), 1);
    assert_eq!(ada.get(&callback).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ada.get(&callback).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
}
