//! The contract, and races of two instances.

use std::sync::Arc;
use std::time::Duration;

use auth_layer::session::{Groups, SessionStore, Swap};
use auth_layer::testing::store_contract::StoreContract;
use tokio::sync::Barrier;

use super::database::{server, store};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_keeps_the_contract_of_stores_among_two_instances_and_nothing_is_left() {
    let server = server().await;
    let contract = StoreContract::of(store(&server).await).add_instance(store(&server).await);
    let report = contract.check().await;
    println!("{report}");
    report.assert_kept();
    let left = server.sql("SELECT count(*) FROM auth_layer.records WHERE expires_at > now()").await;
    assert_eq!(left, "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_instances_that_race_one_is_done_200_times_of_200() {
    let server = server().await;
    let mut stores = [store(&server).await, store(&server).await];
    let (mut version, mut firsts) = (None, [0, 0]);
    for round in 0..200 {
        let start = Arc::new(Barrier::new(2));
        let racing = stores.clone().map(|store| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                match version {
                    None => store.insert("lease", b"held".to_vec(), MINUTE, Groups::none()).await,
                    Some(version) => store.compare_and_swap("lease", version, b"held".to_vec(), MINUTE).await,
                }
            })
        });
        let mut done = Vec::new();
        for (instance, racing) in racing.into_iter().enumerate() {
            match racing.await.unwrap().unwrap() {
                Swap::Done(version) => done.push((instance, version)),
                answer => assert_eq!(answer, Swap::Conflict, "round {round}"),
            }
        }
        assert_eq!(done.len(), 1, "round {round}: {done:?}");
        assert!(version < Some(done[0].1), "round {round}: {:?} comes after {version:?}", done[0].1);
        firsts[(done[0].0 + round) % 2] += 1;
        // The other one sets out first the next time.
        stores.reverse();
        version = Some(done[0].1);
    }
    println!("200 races: {firsts:?} won by the two instances, each round by one");
    assert!(firsts.iter().all(|won| *won > 0), "they raced: {firsts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_that_remove_overlapping_groups_do_not_lock_each_other_out() {
    let server = server().await;
    let stores = [store(&server).await, store(&server).await];
    for _ in 0..20 {
        for record in 0..40 {
            let groups = ["user", "session"];
            let name = format!("r{record}");
            let groups = Groups::new(&groups, MINUTE);
            stores[0].insert(&name, Vec::new(), MINUTE, groups).await.unwrap();
        }
        let (one, other) = tokio::join!(stores[0].remove_group("user"), stores[1].remove_group("session"));
        assert_eq!(one.unwrap() + other.unwrap(), 40, "each is removed by one");
    }
}

const MINUTE: Duration = Duration::from_secs(60);
