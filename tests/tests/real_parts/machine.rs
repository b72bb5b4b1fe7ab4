//! Machine tokens of instances on one Redis, and on one PostgreSQL: one exchange for all, also when the store goes.

use auth_layer::config::Budget;
use auth_layer::machine::MachineTokenRequest;
use auth_layer::session::{PostgresStore, RedisStore, SessionStore};
use auth_layer::{ClientCredentials, Clock, Period};
use futures_util::future::join_all;
use tests::servers::{PostgresServer, RedisServer};
use tests::{Machines, ObservedStore, eventually, value};

/// Instances on their own connections, with the clock that a service has.
async fn instances<S: SessionStore>(machines: &Machines, stores: Vec<S>) -> Vec<ClientCredentials> {
    let mut instances = Vec::new();
    for store in stores {
        let budget = Budget::default().with_limit(Period::Day, 20);
        let config = machines.config().with_clock(Clock::system()).with_budget(budget).build().unwrap();
        instances.push(ClientCredentials::discover_with_store(config, store).await.unwrap());
    }
    instances
}

async fn redis_stores(server: &RedisServer, count: usize) -> Vec<RedisStore> {
    join_all((0..count).map(async |_| RedisStore::builder(server.url()).connect().await.unwrap())).await
}

async fn of(machine: &ClientCredentials, number: usize) -> bool {
    let request = MachineTokenRequest::new().with_organization(format!("org_{number}"));
    machine.token_with(request).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_on_redis_make_one_exchange_and_no_more_than_their_budget() {
    let (server, machines) = (RedisServer::start().await, Machines::start().await);
    let fleet = instances(&machines, redis_stores(&server, 8).await).await;
    all_share(&machines, &fleet).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_on_postgresql_make_one_exchange_and_no_more_than_their_budget() {
    let (server, machines) = (PostgresServer::start().await, Machines::start().await);
    let mut stores = Vec::new();
    for number in 0..4 {
        let builder = PostgresStore::builder(&server.url()).unwrap();
        if number == 0 {
            builder.migrate().await.unwrap();
        }
        stores.push(PostgresStore::builder(&server.url()).unwrap().connect().await.unwrap());
    }
    all_share(&machines, &instances(&machines, stores).await).await;
}

async fn all_share(machines: &Machines, fleet: &[ClientCredentials]) {
    let calls = (0..200).map(|call| value(&fleet[call % fleet.len()]));
    let values = join_all(calls).await;
    assert!(values.iter().all(|value| *value == values[0]));
    assert_eq!(machines.posts(), 1);
    let served = join_all((0..60).map(|number| of(&fleet[number % fleet.len()], number))).await;
    assert_eq!(served.iter().filter(|served| **served).count(), 19, "with the first they are twenty");
    assert_eq!(machines.posts(), 20);
    let report = fleet[0].ledger().report_of_fleet().await.unwrap();
    assert_eq!((report.count("seccft"), report.m2m_quota_consumed), (20, 20));
    assert_eq!(machines.op.log_count("seccft"), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_is_gone_each_instance_asks_for_itself_and_no_count_is_lost() {
    let (mut server, machines) = (RedisServer::start().await, Machines::start().await);
    let fleet = instances(&machines, redis_stores(&server, 3).await).await;
    server.kill();
    for _ in 0..3 {
        for machine in &fleet {
            value(machine).await;
        }
    }
    assert_eq!(machines.posts(), 3, "one for each, and not one for each call");
    server.restart().await;
    let all_are_counted = async || {
        for machine in &fleet {
            machine.drain().await;
        }
        let report = fleet[0].ledger().report_of_fleet().await;
        report.is_ok_and(|report| report.count("seccft") == 3)
    };
    eventually("the ledger has all three", all_are_counted).await;
    // A fourth instance finds nothing, asks, and leaves it for the fifth.
    let later = instances(&machines, redis_stores(&server, 2).await).await;
    assert_eq!(value(&later[0]).await, value(&later[1]).await);
    assert_eq!(machines.posts(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_another_instance_has_is_one_command_and_one_at_hand_is_none() {
    let (server, machines) = (RedisServer::start().await, Machines::start().await);
    // Which answers the watch of each instance itself, so that nothing else is heard.
    let stores = redis_stores(&server, 2).await.into_iter().map(ObservedStore::new).collect();
    let fleet = instances(&machines, stores).await;
    value(&fleet[0]).await;
    let mut monitor = server.monitor();
    value(&fleet[1]).await;
    for _ in 0..100 {
        value(&fleet[1]).await;
    }
    let heard = monitor.heard(&server);
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(machines.posts(), 1);
}
