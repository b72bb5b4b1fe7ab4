//! Expired records leave the database, in batches, by as many instances as there are.

use std::time::Duration;

use auth_layer::session::{Groups, PostgresStore, SessionStore};
use tests::eventually;

use super::database::{server, store};

const FILL: &str = "
    INSERT INTO auth_layer.records (name, version, record, expires_at)
    SELECT 'old' || n, n, 'x', now() - interval '1 second' FROM generate_series(1, 5000) n
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_sweep_at_once_without_waiting_for_each_other_and_nothing_living_is_removed() {
    let server = server().await;
    let stores = [store(&server).await, store(&server).await];
    stores[0].insert("living", b"x".to_vec(), Duration::from_secs(60), Groups::none()).await.unwrap();
    server.sql(FILL).await;
    let (one, other) = tokio::join!(stores[0].remove_expired(), stores[1].remove_expired());
    let (one, other) = (one.unwrap(), other.unwrap());
    println!("5,000 expired records: {one} and {other} removed by the two");
    let rest = stores[0].remove_expired().await.unwrap();
    assert_eq!(one + other + rest, 5_000);
    assert!(stores[0].load("living").await.unwrap().is_some());
}

#[tokio::test]
async fn a_sweep_passes_over_what_another_holds() {
    let server = server().await;
    let store = store(&server).await;
    server.sql(FILL).await;
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    let driving = tokio::spawn(connection);
    client
        .batch_execute("BEGIN; SELECT FROM auth_layer.records WHERE version <= 10 FOR UPDATE")
        .await
        .unwrap();
    assert_eq!(store.remove_expired().await.unwrap(), 4_990);
    client.batch_execute("ROLLBACK").await.unwrap();
    driving.abort();
    assert_eq!(store.remove_expired().await.unwrap(), 10);
}

#[tokio::test]
async fn the_sweep_runs_by_itself_and_ends_with_the_store() {
    let server = server().await;
    let builder = PostgresStore::builder(&server.url()).unwrap();
    let store = builder.with_sweep_interval(Duration::from_millis(100)).connect().await.unwrap();
    server.sql(FILL).await;
    let count = "SELECT count(*) FROM auth_layer.records";
    eventually("nothing expired is left", async || server.sql(count).await == "0").await;
    drop(store);
    let others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'auth-layer'";
    eventually("its connections are closed", async || server.sql(others).await == "0").await;
    server.sql(FILL).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(server.sql(count).await, "5000", "nobody sweeps any more");
}
