//! What an operation costs the database: its statements and transactions, counted by itself.

use std::time::Duration;

use auth_layer::session::{Groups, PostgresStore, SessionStore, Swap, Version};
use tests::servers::PostgresServer;

use super::database::server;

/// How many statements of ours were executed, and how many transactions that made.
async fn counted(server: &PostgresServer) -> u64 {
    let ours =
        "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_%'";
    server.sql(ours).await.parse().unwrap()
}

#[tokio::test]
async fn each_operation_is_one_statement() {
    let server = server().await;
    server.sql("CREATE EXTENSION pg_stat_statements").await;
    let store = PostgresStore::builder(&server.url()).unwrap().with_pool_size(1).connect().await.unwrap();
    let group_names = ["user", "session"];
    let groups = Groups::new(&group_names, HOUR);
    let mut version = Version(0);
    let mut table = Vec::new();
    for operation in [
        "insert",
        "load",
        "load_all",
        "compare_and_swap",
        "compare_and_remove",
        "insert",
        "remove",
        "insert",
        "remove_group",
    ] {
        let before = counted(&server).await;
        match operation {
            "insert" => match store.insert("name", vec![7; 4_096], HOUR, groups).await.unwrap() {
                Swap::Done(done) => version = done,
                other => panic!("{other:?}"),
            },
            "load" => assert!(store.load("name").await.unwrap().is_some()),
            "load_all" => assert_eq!(store.load_all(&["a", "name", "b"]).await.unwrap().len(), 3),
            "compare_and_swap" => {
                match store.compare_and_swap("name", version, vec![8; 4_096], HOUR).await.unwrap() {
                    Swap::Done(done) => version = done,
                    other => panic!("{other:?}"),
                }
            }
            "compare_and_remove" => {
                assert_eq!(store.compare_and_remove("name", version).await.unwrap(), Swap::Done(version));
            }
            "remove" => store.remove("name").await.unwrap(),
            _ => assert_eq!(store.remove_group("user").await.unwrap(), 1),
        }
        table.push((operation, counted(&server).await - before));
    }
    println!("statements per operation: {table:?}");
    assert!(table.iter().all(|(_, statements)| *statements == 1), "{table:?}");
}

const HOUR: Duration = Duration::from_secs(3_600);
