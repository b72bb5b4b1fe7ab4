//! What is not ours, under our names.

use std::io::Write as _;
use std::process::{Command, Stdio};

use auth_layer::session::{Groups, SessionStore as _, Swap, Version};
use tests::servers::RedisServer;

use super::{LONG, connect, done, load};

#[tokio::test]
async fn what_another_application_wrote_is_nothing_to_a_load_and_stays_as_it_is() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    let key = "auth-layer:a";
    for (write, dump) in [
        (&["SET", key, "{\"cart\":1}"][..], &["GET", key][..]),
        (&["SET", key, ""], &["GET", key]),
        (&["HSET", key, "cart", "1"], &["HGETALL", key]),
        (&["RPUSH", key, "1"], &["LRANGE", key, "0", "-1"]),
        (&["SADD", key, "1"], &["SMEMBERS", key]),
        (&["XADD", key, "1-1", "a", "b"], &["XRANGE", key, "-", "+"]),
    ] {
        server.cli(write);
        let before = server.cli(dump);
        assert_eq!(load(&store, "a").await, None, "{write:?}");
        assert_eq!(store.load_all(&["a", "a"]).await.unwrap(), [None, None], "{write:?}");
        let inserted = store.insert("a", b"x".to_vec(), LONG, Groups::new(&["u:1"], LONG)).await.unwrap();
        assert_eq!(inserted, Swap::Conflict, "{write:?}");
        let swapped = store.compare_and_swap("a", Version(1), b"x".to_vec(), LONG).await.unwrap();
        assert_eq!(swapped, Swap::Conflict, "{write:?}");
        assert_eq!(store.compare_and_remove("a", Version(1)).await.unwrap(), Swap::Conflict, "{write:?}");
        store.remove("a").await.unwrap();
        store.remove_group("u:1").await.unwrap();
        assert_eq!(server.cli(dump), before, "{write:?}");
        server.cli(&["DEL", key]);
    }
}

#[tokio::test]
async fn a_cut_record_or_one_with_an_impossible_version_is_not_ours() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    let (one, marks) = (1_u64.to_be_bytes(), [7; 16]);
    for (value, is_ours) in [
        ([b"ALr1", &one[..], &marks, b"x"].concat(), true),
        ([b"ALr1", &one[..], &marks].concat(), true),
        ([b"ALr1", &one[..], &marks[1..]].concat(), false),
        ([b"ALr1", &one[..]].concat(), false),
        (b"ALr1".to_vec(), false),
        ([b"ALr2", &one[..], &marks, b"x"].concat(), false),
        ([b"ALr1", &[0xff; 8][..], &marks, b"x"].concat(), false),
        ([b"ALr1", &(1_u64 << 53).to_be_bytes()[..], &marks, b"x"].concat(), false),
    ] {
        set(&server, "auth-layer:a", &value);
        assert_eq!(load(&store, "a").await.is_some(), is_ours, "{value:?}");
        let swapped = store.compare_and_swap("a", Version(1), b"new".to_vec(), LONG).await.unwrap();
        assert_eq!(matches!(swapped, Swap::Done(_)), is_ours, "{value:?}: {swapped:?}");
        store.remove("a").await.unwrap();
        assert_eq!(server.cli(&["EXISTS", "auth-layer:a"]) == "1", !is_ours, "{value:?}");
        server.cli(&["DEL", "auth-layer:a"]);
    }
}

#[tokio::test]
async fn a_group_whose_key_is_another_applications_takes_no_members() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    server.cli(&["SET", "auth-layer:g.u:1", "cart"]);
    let groups = Groups::new(&["u:2", "u:1"], LONG);
    assert_eq!(store.insert("a", b"x".to_vec(), LONG, groups).await.unwrap(), Swap::Conflict);
    assert_eq!(load(&store, "a").await, None);
    assert_eq!(server.cli(&["EXISTS", "auth-layer:g.u:2"]), "0");
    // Who its members would be is not known: that is no answer, not nobody.
    assert!(store.remove_group("u:1").await.is_err());
    assert_eq!(server.cli(&["GET", "auth-layer:g.u:1"]), "cart");
}

#[tokio::test]
async fn members_that_another_application_put_into_a_group_remove_nothing() {
    let server = RedisServer::start().await;
    let store = connect(&server).await;
    done(store.insert("a", b"x".to_vec(), LONG, Groups::new(&["u:1"], LONG)).await.unwrap());
    done(store.insert("b", b"x".to_vec(), LONG, Groups::none()).await.unwrap());
    for member in ["", "b", "12345678b", "auth-layer:b"] {
        server.cli(&["ZADD", "auth-layer:g.u:1", "9999999999999", member]);
    }
    assert_eq!(store.remove_group("u:1").await.unwrap(), 1);
    assert!(load(&store, "b").await.is_some());
}

/// Sets a key to bytes, which no argument of a command line could hold.
fn set(server: &RedisServer, key: &str, value: &[u8]) {
    let mut command = Command::new("redis-cli");
    command.args(["-p", &server.port().to_string(), "-x", "SET", key]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(value).unwrap();
    assert!(child.wait().unwrap().success());
}
