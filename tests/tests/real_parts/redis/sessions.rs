//! Sessions of a site on a Redis to which an operator does what operators do.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, User};
use http::StatusCode;
use tests::servers::RedisServer;
use tests::{Site, Visitor};

use super::connect;

const HOUR: Duration = Duration::from_secs(3_600);

async fn shop(server: &RedisServer) -> (Site, Visitor) {
    let store = connect(server).await;
    let site = Site::builder().open_with_store(|_| store).await;
    let ada = site.ada().await;
    (site, ada)
}

#[tokio::test]
async fn a_redis_without_room_for_writes_is_503_where_one_is_due_and_loses_no_session() {
    let server = RedisServer::start().await;
    let (site, ada) = shop(&server).await;
    let thief = ada.copied();
    server.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    server.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(ada.get("/session").await.body, "local|ada", "it is read");
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(site.refreshes(), 0, "nothing is spent without a lease");
    assert!(!ada.cookies().is_empty(), "and the session stays");
    server.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    site.clock.advance(Duration::from_secs(2));
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    server.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    ada.get("/auth/logout").await;
    assert_eq!(thief.get("/session").await.status, StatusCode::UNAUTHORIZED, "a removal needs no room");
}

#[tokio::test]
async fn a_redis_that_was_emptied_ends_sessions_cleanly_and_takes_new_ones() {
    let server = RedisServer::start().await;
    let (site, ada) = shop(&server).await;
    server.cli(&["FLUSHALL"]);
    server.cli(&["SCRIPT", "FLUSH"]);
    assert_eq!(ada.get("/session").await.status, StatusCode::UNAUTHORIZED);
    assert!(ada.cookies().is_empty());
    ada.log_in(&User::ada()).await;
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_redis_that_is_emptied_in_the_middle_of_a_refresh_ends_the_session_and_revokes_what_came() {
    let server = RedisServer::start().await;
    let (site, ada) = shop(&server).await;
    site.clock.advance(HOUR);
    site.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let asking = ada.copied();
    let asking = tokio::spawn(async move { asking.get("/token").await });
    site.op.wait_until_held(1).await;
    server.cli(&["FLUSHALL"]);
    site.op.release();
    assert_eq!(asking.await.unwrap().status, StatusCode::UNAUTHORIZED);
    site.auth.drain().await;
    assert_eq!(site.op.calls(Endpoint::Revocation), 1);
    assert_eq!(ada.get("/token").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_lease_whose_key_another_application_takes_costs_no_session() {
    let server = RedisServer::start().await;
    let (site, ada) = shop(&server).await;
    site.clock.advance(HOUR);
    site.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let asking = ada.copied();
    let asking = tokio::spawn(async move { asking.get("/token").await });
    site.op.wait_until_held(1).await;
    let lease = server.cli(&["KEYS", "auth-layer:r:*"]);
    assert!(!lease.is_empty() && !lease.contains('\n'), "{lease}");
    server.cli(&["DEL", &lease]);
    server.cli(&["SADD", &lease, "theirs"]);
    site.op.release();
    assert_eq!(asking.await.unwrap().status, StatusCode::OK);
    assert_eq!(server.cli(&["SMEMBERS", &lease]), "theirs");
    assert_eq!((site.refreshes(), site.op.log_count("ferrt")), (1, 0));
}
