//! Servers that are killed, stopped and started again, and callers that hang up.

use std::time::{Duration, Instant};

use auth_layer::session::{
    Groups, Record, RedisStore, SessionStore as _, StoreError, StoreFuture, Swap, Version,
};
use futures_util::FutureExt as _;
use tests::servers::{Proxy, RedisServer};

use super::{LONG, connect, done, insert, load};

/// The default, and what this machine may add to it.
const IN_TIME: Duration = Duration::from_millis(500 + 150);
const SOON: Duration = Duration::from_secs(2);

/// Asks everything at once, and expects no answer and no patience.
async fn nothing_answers(store: &RedisStore) -> Duration {
    fn asked<'a, T: Send + 'a>(answer: StoreFuture<'a, T>) -> StoreFuture<'a, Duration> {
        Box::pin(async move {
            let began = Instant::now();
            let failed = answer.await.err().map(|_: StoreError| began.elapsed());
            Ok(failed.expect("an answer of a server that is away"))
        })
    }
    let all = [
        asked(store.load("b")),
        asked(store.load_all(&["b", "c"])),
        // Where the server was stopped, what it was sent is done when it goes on.
        asked(store.insert("b", b"x".to_vec(), LONG, Groups::new(&["u:1"], LONG))),
        asked(store.compare_and_swap("b", Version(1), b"x".to_vec(), LONG)),
        asked(store.compare_and_remove("b", Version(1))),
        asked(store.remove("b")),
        asked(store.remove_group("u:1")),
    ];
    let slowest = futures_util::future::join_all(all).await.into_iter().map(Result::unwrap).max().unwrap();
    assert!(slowest < IN_TIME, "{slowest:?}");
    slowest
}

/// Returns how long it takes until a record is found again.
async fn back(store: &RedisStore, name: &str) -> Duration {
    let began = Instant::now();
    while store.load(name).await.ok().flatten().is_none() {
        assert!(began.elapsed() < SOON, "not back after {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    began.elapsed()
}

#[tokio::test]
async fn while_redis_is_killed_everything_is_an_error_in_time_and_it_is_back_soon_after_its_start() {
    let mut server = RedisServer::start().await;
    let store = connect(&server).await;
    let version = insert(&store, "a", b"kept").await;
    for away in [Duration::ZERO, Duration::from_millis(1_500)] {
        server.kill();
        let slowest = nothing_answers(&store).await;
        tokio::time::sleep(away).await;
        let later = nothing_answers(&store).await;
        server.restart().await;
        let back = back(&store, "a").await;
        println!("killed: errors after {slowest:?} and {later:?}; back {back:?} after the start");
        assert_eq!(load(&store, "a").await, Some(Record::new(b"kept".to_vec(), version)));
    }
}

#[tokio::test]
async fn a_restart_that_nobody_noticed_costs_no_request() {
    let mut server = RedisServer::start().await;
    let store = connect(&server).await;
    insert(&store, "a", b"kept").await;
    for _ in 0..5 {
        server.kill();
        server.restart().await;
        assert!(load(&store, "a").await.is_some());
    }
}

#[tokio::test]
async fn while_redis_is_stopped_everything_is_an_error_in_time_and_goes_on_afterwards() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    let version = insert(&store, "a", b"kept").await;
    for away in [Duration::ZERO, Duration::from_secs(3)] {
        server.pause();
        let slowest = nothing_answers(&store).await;
        tokio::time::sleep(away).await;
        let later = nothing_answers(&store).await;
        server.resume();
        let back = back(&store, "a").await;
        println!("stopped: errors after {slowest:?} and {later:?}; back {back:?} after it went on");
        assert_eq!(load(&store, "a").await, Some(Record::new(b"kept".to_vec(), version)));
    }
}

#[tokio::test]
async fn a_connection_that_breaks_again_and_again_loses_no_write_and_does_none_twice() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    let mut version = insert(&store, "counter", b"0").await;
    for count in 1..=300_u32 {
        if count % 30 == 0 {
            server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
        }
        let swapped = store.compare_and_swap("counter", version, count.to_string().into_bytes(), LONG).await;
        version = done(swapped.unwrap());
    }
    assert_eq!(load(&store, "counter").await, Some(Record::new(b"300".to_vec(), version)));
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_done_once_and_known_as_done() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.port()).await;
    let store = RedisStore::builder(format!("redis://127.0.0.1:{}", proxy.port())).connect().await.unwrap();
    // Each script is known to the server from here on: a write is one command.
    let known = insert(&store, "known", b"1").await;
    done(store.compare_and_swap("known", known, b"2".to_vec(), LONG).await.unwrap());
    for round in 0..10 {
        let name = format!("new:{round}");
        proxy.cut_next_answer();
        let version = insert(&store, &name, b"1").await;
        assert!(proxy.has_cut());
        assert_eq!(load(&store, &name).await.unwrap().version, version);
        let again = store.insert(&name, b"1".to_vec(), LONG, Groups::none()).await.unwrap();
        assert_eq!(again, Swap::Conflict);

        proxy.cut_next_answer();
        let swapped = done(store.compare_and_swap(&name, version, b"2".to_vec(), LONG).await.unwrap());
        assert!(proxy.has_cut());
        assert_eq!(load(&store, &name).await, Some(Record::new(b"2".to_vec(), swapped)));
        let again = store.compare_and_swap(&name, version, b"2".to_vec(), LONG).await.unwrap();
        assert_eq!(again, Swap::Conflict);
    }
}

#[tokio::test]
async fn a_server_that_is_slow_is_an_error_in_time_and_its_late_answers_go_to_nobody() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.port()).await;
    let store = RedisStore::builder(format!("redis://127.0.0.1:{}", proxy.port())).connect().await.unwrap();
    insert(&store, "a", b"a").await;
    insert(&store, "b", b"b").await;
    proxy.slow_down(Duration::from_secs(2));
    for _ in 0..3 {
        let slowest = nothing_answers(&store).await;
        println!("slow: errors after {slowest:?}");
    }
    proxy.mend();
    let back = back(&store, "a").await;
    println!("slow: back {back:?} after it was fast again");
    for _ in 0..500 {
        assert_eq!(load(&store, "a").await.unwrap().bytes, b"a");
        assert_eq!(load(&store, "b").await.unwrap().bytes, b"b");
    }
}

#[tokio::test]
async fn answers_of_commands_that_were_dropped_go_to_nobody_else() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    for number in 0..50 {
        insert(&store, &format!("n:{number}"), number.to_string().as_bytes()).await;
    }
    for round in 0..1_000 {
        let (dropped, wanted) = (format!("n:{}", round % 50), format!("n:{}", (round + 7) % 50));
        // Polled once: it is on its way, and then nobody waits for it.
        assert!(store.load(&dropped).now_or_never().is_none());
        if round % 3 == 0 {
            tokio::task::yield_now().await;
        }
        let found = load(&store, &wanted).await.unwrap();
        assert_eq!(found.bytes, ((round + 7) % 50).to_string().into_bytes());
    }
}

#[tokio::test]
async fn an_insert_that_was_dropped_anywhere_leaves_a_whole_record_or_none() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    let groups = Groups::new(&["u:1", "s:1"], LONG);
    let mut stored = 0;
    for round in 0..200 {
        let name = format!("n:{round}");
        {
            let inserting = store.insert(&name, vec![b'x'; 6_000], LONG, groups);
            let _ = tokio::time::timeout(Duration::from_micros(round * 10), inserting).await;
        }
        stored += u64::from(load(&store, &name).await.is_some_and(|record| record.bytes.len() == 6_000));
    }
    // What was on its way when it was dropped has arrived by now: this came after it.
    let found = futures_util::future::join_all((0..200).map(|round| {
        let store = &store;
        async move { u64::from(load(store, &format!("n:{round}")).await.is_some()) }
    }));
    let found: u64 = found.await.into_iter().sum();
    println!("of 200 inserts that were dropped {stored} were found at once, {found} later");
    assert_eq!(store.remove_group("u:1").await.unwrap(), found);
}
