//! What a session costs its store: commands and statements, counted by the servers.

use auth_layer::session::{PostgresStore, RedisStore};
use tests::costs::{
    AFTER_LOGOUT, AFTER_REFRESH, BACK_CHANNEL, Cost, Engine, LOGIN, LOGOUT, REFRESH, REQUEST, ROLL, TEN_MORE,
    commands_of,
};
use tests::{Keep, ObservedStore};

async fn on_redis(keep: Keep) -> Vec<Cost> {
    let mut engine = Engine::redis().await;
    let Engine::Redis { server, .. } = &engine else { unreachable!("it is a Redis") };
    let store = RedisStore::builder(server.url()).connect().await.unwrap();
    commands_of(&mut engine, keep, ObservedStore::new(store)).await
}

async fn on_postgres(keep: Keep) -> Vec<Cost> {
    let mut engine = Engine::postgres().await;
    let Engine::Postgres { server, .. } = &engine else { unreachable!("it is a PostgreSQL") };
    let store = PostgresStore::builder(&server.url()).unwrap().connect().await.unwrap();
    commands_of(&mut engine, keep, ObservedStore::new(store)).await
}

/// The whole life of a session, in its order.
#[track_caller]
fn assert_costs(costs: &[Cost], expected: [u64; 9]) {
    let operations =
        [LOGIN, REQUEST, TEN_MORE, ROLL, REFRESH, AFTER_REFRESH, LOGOUT, AFTER_LOGOUT, BACK_CHANNEL];
    let seen: Vec<_> = costs.iter().map(|cost| (cost.operation, cost.commands)).collect();
    assert_eq!(seen, operations.into_iter().zip(expected).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_of_a_stored_session_is_one_command_of_redis() {
    assert_costs(&on_redis(Keep::InTheStore).await, [6, 1, 10, 3, 6, 1, 4, 1, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_of_a_cookie_session_is_one_command_of_redis_and_then_none_for_half_a_second() {
    assert_costs(&on_redis(Keep::InCookies).await, [3, 1, 0, 3, 6, 3, 4, 1, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_of_a_stored_session_is_one_statement_of_postgresql() {
    assert_costs(&on_postgres(Keep::InTheStore).await, [4, 1, 10, 3, 6, 1, 4, 1, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_of_a_cookie_session_is_one_statement_of_postgresql_and_then_none_for_half_a_second() {
    assert_costs(&on_postgres(Keep::InCookies).await, [3, 1, 0, 3, 6, 3, 4, 1, 3]);
}
