//! What a store refuses to start with, and what it warns of.

use std::time::Duration;

use auth_layer::session::{Groups, RedisStore, RedisStoreBuilder, RedisStoreError, SessionStore as _};
use tests::Listener;
use tests::servers::{RedisServer, free_port};

use super::{LONG, connect, done, insert, load};

const PASSWORD: &str = "correct horse";

async fn refused(builder: RedisStoreBuilder) -> RedisStoreError {
    let error = builder.connect().await.unwrap_err();
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains("horse"), "{shown}");
    }
    error
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_that_names_it() {
    let port = free_port();
    let error = refused(RedisStore::builder(format!("redis://:horse@127.0.0.1:{port}"))).await;
    assert!(matches!(error, RedisStoreError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
}

#[tokio::test]
async fn a_server_that_is_stopped_is_an_error_and_no_wait_for_ever() {
    let server = RedisServer::start().await;
    server.pause();
    let error = refused(RedisStore::builder(server.url())).await;
    assert!(matches!(error, RedisStoreError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_one_are_told_from_silence() {
    let server = RedisServer::start_with(&["--requirepass", PASSWORD]).await;
    for builder in [
        RedisStore::builder(server.url()),
        RedisStore::builder(server.url()).with_password("wrong horse".to_owned()),
        RedisStore::builder(format!("redis://:horse@127.0.0.1:{}", server.port())),
        RedisStore::builder(server.url()).with_username("nobody").with_password(PASSWORD.to_owned()),
    ] {
        assert!(!format!("{builder:?}").contains("horse"));
        let error = refused(builder).await;
        assert!(matches!(error, RedisStoreError::Credentials { .. }), "{error}");
    }
    let store = RedisStore::builder(server.url()).with_password(PASSWORD.to_owned()).connect().await.unwrap();
    insert(&store, "a", b"x").await;
    assert!(!format!("{store:?}").contains("horse"));
}

#[tokio::test]
async fn a_user_of_redis_needs_no_more_than_its_keys_and_these_commands() {
    let server = RedisServer::start().await;
    server.cli(&[
        "ACL",
        "SETUSER",
        "shop",
        "on",
        ">correct horse",
        "~shop:*",
        "+hello",
        "+get",
        "+mget",
        "+set",
        "+unlink",
        "+eval",
        "+evalsha",
        "+time",
        "+type",
        "+zadd",
        "+zrem",
        "+zrange",
        "+zremrangebyscore",
        "+pttl",
        "+pexpire",
    ]);
    let shop = || RedisStore::builder(server.url()).with_username("shop").with_password(PASSWORD.to_owned());
    let error = refused(shop()).await;
    assert!(matches!(error, RedisStoreError::Credentials { .. }), "{error}");
    Listener::start();
    let store = shop().with_prefix("shop:").connect().await.unwrap();
    let heard = Listener::stop();
    assert!(heard.contains("allow +info") && !heard.contains("horse"), "{heard}");
    let group = Groups::new(&["u:1"], LONG);
    done(store.insert("a", b"x".to_vec(), LONG, group).await.unwrap());
    assert_eq!(store.load_all(&["a"]).await.unwrap().len(), 1);
    assert_eq!(store.remove_group("u:1").await.unwrap(), 1);
}

#[tokio::test]
async fn a_password_in_clear_to_another_machine_is_said_and_not_shown() {
    for (url, is_said) in [
        ("redis://:horse@redis.invalid", true),
        ("rediss://:horse@redis.invalid", false),
        ("redis://redis.invalid", false),
    ] {
        Listener::start();
        refused(RedisStore::builder(url)).await;
        let heard = Listener::stop();
        assert_eq!(heard.contains("in clear"), is_said, "{url}: {heard}");
        assert!(!heard.contains("horse"), "{heard}");
    }
}

#[tokio::test]
async fn a_prefix_is_of_one_application_and_one_format() {
    let server = RedisServer::start().await;
    let (one, other) = (connect(&server).await, connect(&server).await);
    insert(&one, "a", b"x").await;
    assert!(load(&other, "a").await.is_some());
    assert_eq!(server.cli(&["GET", "auth-layer:.format"]), "auth-layer 1");

    let shop = || RedisStore::builder(server.url()).with_prefix("shop:");
    assert!(load(&shop().connect().await.unwrap(), "a").await.is_none());
    server.cli(&["SET", "shop:.format", "auth-layer 2"]);
    let error = refused(shop()).await;
    assert!(matches!(error, RedisStoreError::OtherFormat { .. }), "{error}");
    server.cli(&["SET", "shop:.format", "ini"]);
    let error = refused(shop()).await;
    assert!(matches!(error, RedisStoreError::PrefixInUse { .. }), "{error}");
    server.cli(&["DEL", "shop:.format"]);
    server.cli(&["SADD", "shop:.format", "ini"]);
    let error = refused(shop()).await;
    assert!(matches!(error, RedisStoreError::PrefixInUse { .. }), "{error}");
    assert_eq!(server.cli(&["SCARD", "shop:.format"]), "1");
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    let url = || RedisStore::builder("redis://127.0.0.1:1");
    for (builder, says) in [
        (url().with_prefix(""), "the prefix"),
        (url().with_prefix("a b"), "the prefix"),
        (url().with_prefix("x".repeat(65)), "the prefix"),
        (url().with_command_timeout(Duration::ZERO), "the command timeout"),
        (url().with_command_timeout(Duration::from_millis(1_001)), "the command timeout"),
        (url().with_tls_roots("pem"), "is not over TLS"),
        (RedisStore::builder("http://:horse@127.0.0.1"), "is of another scheme"),
        (RedisStore::cluster_builder(Vec::<String>::new()), "is missing"),
        (RedisStore::cluster_builder(["redis://a", "rediss://b"]), "are partly over TLS"),
    ] {
        let error = refused(builder).await;
        assert!(matches!(error, RedisStoreError::Settings(_)), "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn what_redis_may_lose_is_said_in_the_log_of_the_start() {
    let master = RedisServer::start().await;
    let evicting = ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"];
    let port = master.port().to_string();
    for (server, says) in [
        (RedisServer::start_with(&evicting).await, Some("noeviction")),
        (RedisServer::start_with(&["--replicaof", "127.0.0.1", &port]).await, Some("is a replica")),
        (RedisServer::start_with(&["--maxmemory", "100mb"]).await, None),
    ] {
        Listener::start();
        connect(&server).await;
        let heard = Listener::stop();
        assert_eq!(heard.contains("noeviction"), says == Some("noeviction"), "{heard}");
        assert_eq!(heard.contains("is a replica"), says == Some("is a replica"), "{heard}");
    }
}
