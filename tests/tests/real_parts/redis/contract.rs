//! The rules of the store's contract, one by one.

use std::time::Duration;

use auth_layer::session::{Groups, Promises, Reach, Record, SessionStore as _, Swap, Version};
use tests::servers::RedisServer;

use super::{LONG, connect, done, first, insert, load};

#[tokio::test]
async fn a_record_is_found_as_it_was_stored_until_it_is_removed() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    assert_eq!(store.promises(), Promises::all(Reach::Fleet));
    let long = vec![0xff; 64 * 1024];
    for bytes in [&b""[..], b"\0\r\n", &long] {
        assert_eq!(load(&store, "a").await, None);
        let version = insert(&store, "a", bytes).await;
        assert_eq!(load(&store, "a").await, Some(Record::new(bytes.to_vec(), version)));
        let found = store.load_all(&["none", "a", "none"]).await.unwrap();
        assert_eq!(found, [None, Some(Record::new(bytes.to_vec(), version)), None]);
        store.remove("a").await.unwrap();
        store.remove("a").await.unwrap();
    }
    assert_eq!(store.load_all(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn only_the_version_that_was_loaded_is_changed_and_it_never_comes_again() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    let mut last = Version(0);
    for _ in 0..100 {
        let first = insert(&store, "a", b"1").await;
        assert!(first > last, "{first:?} after {last:?}");
        assert_eq!(store.insert("a", b"2".to_vec(), LONG, Groups::none()).await.unwrap(), Swap::Conflict);
        let second = done(store.compare_and_swap("a", first, b"2".to_vec(), LONG).await.unwrap());
        assert!(second > first);
        let swapped = store.compare_and_swap("a", first, b"3".to_vec(), LONG).await.unwrap();
        assert_eq!(swapped, Swap::Conflict);
        assert_eq!(store.compare_and_remove("a", first).await.unwrap(), Swap::Conflict);
        assert_eq!(load(&store, "a").await, Some(Record::new(b"2".to_vec(), second)));
        assert_eq!(store.compare_and_remove("a", second).await.unwrap(), Swap::Done(second));
        assert_eq!(store.compare_and_remove("a", second).await.unwrap(), Swap::Gone);
        let swapped = store.compare_and_swap("a", second, b"4".to_vec(), LONG).await.unwrap();
        assert_eq!(swapped, Swap::Gone);
        assert_eq!(load(&store, "a").await, None);
        last = second;
    }
}

#[tokio::test]
async fn a_record_expires_and_a_swap_gives_it_its_lifetime_anew() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    let short = Duration::from_millis(50);
    let expired = done(store.insert("short", b"x".to_vec(), short, Groups::none()).await.unwrap());
    let kept = done(store.insert("kept", b"x".to_vec(), short, Groups::none()).await.unwrap());
    done(store.compare_and_swap("kept", kept, b"y".to_vec(), LONG).await.unwrap());
    tests::eventually("the record expires", async || load(&store, "short").await.is_none()).await;
    let swapped = store.compare_and_swap("short", expired, b"y".to_vec(), LONG).await.unwrap();
    assert_eq!(swapped, Swap::Gone);
    assert_eq!(store.compare_and_remove("short", expired).await.unwrap(), Swap::Gone);
    assert!(insert(&store, "short", b"z").await > expired);
    assert!(load(&store, "kept").await.is_some());
}

#[tokio::test]
async fn a_group_removes_what_is_in_it_and_nothing_else() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    for (name, groups) in [("a", &["u:1", "s:1"][..]), ("b", &["u:1"]), ("c", &["u:2"]), ("u:1", &[])] {
        done(store.insert(name, b"x".to_vec(), LONG, Groups::new(groups, LONG)).await.unwrap());
    }
    let version = load(&store, "b").await.unwrap().version;
    done(store.compare_and_swap("b", version, b"y".to_vec(), LONG).await.unwrap());
    assert_eq!(store.remove_group("none").await.unwrap(), 0);
    assert_eq!(store.remove_group("s:1").await.unwrap(), 1);
    assert_eq!(store.remove_group("u:1").await.unwrap(), 1);
    assert_eq!(store.remove_group("u:1").await.unwrap(), 0);
    let found = store.load_all(&["a", "b", "c", "u:1"]).await.unwrap();
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, true, true]);
}

#[tokio::test]
async fn an_insert_that_was_refused_and_a_name_that_was_taken_again_are_not_in_the_group() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    let group = Groups::new(&["u:1"], LONG);
    insert(&store, "a", b"mine").await;
    assert_eq!(store.insert("a", b"other".to_vec(), LONG, group).await.unwrap(), Swap::Conflict);
    assert_eq!(server.cli(&["EXISTS", "auth-layer:g.u:1"]), "0");
    done(store.insert("b", b"x".to_vec(), LONG, group).await.unwrap());
    store.remove("b").await.unwrap();
    insert(&store, "b", b"new, and in no group").await;
    assert_eq!(store.remove_group("u:1").await.unwrap(), 0);
    assert!(load(&store, "a").await.is_some() && load(&store, "b").await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_stored_while_its_group_is_removed_can_be_removed_by_it_afterwards() {
    let server = RedisServer::start().await;
    let (store, other) = (connect(&server).await, connect(&server).await);
    let mut late = 0;
    for round in 0..300 {
        let (name, group) = (format!("s:{round}"), format!("u:{round}"));
        let groups = [group.as_str()];
        // Two round trips each, begun together.
        let storing = store.insert(&name, b"x".to_vec(), LONG, Groups::new(&groups, LONG));
        let (stored, removed) = tokio::join!(storing, other.remove_group(&group));
        done(stored.unwrap());
        let still_there = u64::from(load(&store, &name).await.is_some());
        assert_eq!(removed.unwrap() + still_there, 1);
        assert_eq!(store.remove_group(&group).await.unwrap(), still_there);
        assert_eq!(load(&store, &name).await, None);
        late += still_there;
    }
    println!("of 300 records {late} were stored after the removal of their group began");
}

#[tokio::test]
async fn a_large_group_is_removed_within_one_answer_and_its_key_lives_as_long_as_its_longest_member() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    for number in 0..600_u64 {
        let group = Groups::new(&["u:1"], LONG + Duration::from_secs(number % 7 * 100));
        done(store.insert(&format!("s:{number}"), b"x".to_vec(), LONG, group).await.unwrap());
    }
    let left: u64 = server.cli(&["PTTL", "auth-layer:g.u:1"]).parse().unwrap();
    assert!((1_190_000..=1_200_000).contains(&left), "{left}");
    assert_eq!(store.remove_group("u:1").await.unwrap(), 600);
    assert_eq!(server.cli(&["KEYS", "*"]), "auth-layer:.format");
}

#[tokio::test]
async fn members_whose_time_has_passed_are_dropped() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    let short = Duration::from_millis(20);
    done(store.insert("a", b"x".to_vec(), short, Groups::new(&["u:1"], short)).await.unwrap());
    done(store.insert("b", b"x".to_vec(), LONG, Groups::new(&["u:1"], LONG)).await.unwrap());
    tests::eventually("the record expires", async || load(&store, "a").await.is_none()).await;
    tokio::time::sleep(short).await;
    done(store.insert("c", b"x".to_vec(), LONG, Groups::new(&["u:1"], LONG)).await.unwrap());
    assert_eq!(server.cli(&["ZCARD", "auth-layer:g.u:1"]), "2");
    assert_eq!(store.remove_group("u:1").await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_instances_that_write_at_once_one_is_first_200_times() {
    let server = RedisServer::start().await;
    let (one, other) = (connect(&server).await, connect(&server).await);
    for round in 0..200 {
        let name = format!("race:{round}");
        let both = tokio::join!(
            one.insert(&name, b"one".to_vec(), LONG, Groups::none()),
            other.insert(&name, b"other".to_vec(), LONG, Groups::none()),
        );
        let version = first(both.0.unwrap(), both.1.unwrap());
        let both = tokio::join!(
            one.compare_and_swap(&name, version, b"one".to_vec(), LONG),
            other.compare_and_swap(&name, version, b"other".to_vec(), LONG),
        );
        let version = first(both.0.unwrap(), both.1.unwrap());
        assert_eq!(load(&one, &name).await.unwrap().version, version);
    }
}

#[tokio::test]
async fn each_operation_costs_one_command() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    // The first of each script is sent twice, by hash and whole.
    for _ in 0..2 {
        server.forget_commands();
        let version = insert(&store, "a", b"x").await;
        let version = done(store.compare_and_swap("a", version, b"y".to_vec(), LONG).await.unwrap());
        store.compare_and_remove("a", version).await.unwrap();
        store.remove("a").await.unwrap();
    }
    assert_eq!(server.commands_processed()["evalsha"], 4);
    server.forget_commands();
    insert(&store, "a", b"x").await;
    let inserted = server.commands_processed();
    assert_eq!((inserted["evalsha"], inserted.get("eval")), (1, None), "{inserted:?}");
    server.forget_commands();
    load(&store, "a").await.unwrap();
    assert_eq!(server.commands_processed().into_iter().collect::<Vec<_>>(), [("get".to_owned(), 1)]);
    server.forget_commands();
    store.load_all(&["a", "b", "c"]).await.unwrap();
    assert_eq!(server.commands_processed().into_iter().collect::<Vec<_>>(), [("mget".to_owned(), 1)]);
}
