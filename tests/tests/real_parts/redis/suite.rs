//! The public suite of the contract, over two instances on one Redis.

use auth_layer::session::SessionStore;
use auth_layer::testing::store_contract::StoreContract;
use tests::servers::RedisServer;

use super::connect;

/// Holds two instances of a store to the contract.
pub(super) async fn hold(one: impl SessionStore, other: impl SessionStore) {
    let report = StoreContract::of(one).add_instance(other).check().await;
    println!("{report}");
    report.assert_kept();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_keeps_the_contract_of_stores_among_two_instances() {
    let server = RedisServer::start().await;
    hold(connect(&server).await, connect(&server).await).await;
}
