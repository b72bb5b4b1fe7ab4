//! A database that dies, hangs and comes back.

use std::time::{Duration, Instant};

use auth_layer::session::{Groups, PostgresStore, SessionStore};
use tokio::net::{TcpListener, TcpStream};

use super::database::{server, store};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_database_is_an_error_at_once_and_back_within_two_seconds_of_its_return() {
    let mut server = server().await;
    let store = store(&server).await;
    store.insert("name", b"kept".to_vec(), HOUR, Groups::none()).await.unwrap();
    // Several connections, all of which die.
    for loaded in futures_util::future::join_all((0..20).map(|_| store.load("name"))).await {
        assert!(loaded.unwrap().is_some());
    }
    server.kill();
    for _ in 0..10 {
        let asked = Instant::now();
        assert!(store.load("name").await.is_err(), "an outage is no absence");
        assert!(asked.elapsed() < Duration::from_secs(1));
    }
    server.restart().await;
    let back = Instant::now();
    while store.load("name").await.is_err() {
        assert!(back.elapsed() < Duration::from_secs(2), "still away after two seconds");
    }
    println!("answers {:?} after the database's return", back.elapsed());
    for loaded in futures_util::future::join_all((0..20).map(|_| store.load("name"))).await {
        assert_eq!(loaded.unwrap().unwrap().bytes, b"kept");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_is_an_error_within_the_time_limit_and_never_longer() {
    let server = server().await;
    let store = store(&server).await;
    let version = match store.insert("name", b"kept".to_vec(), HOUR, Groups::none()).await.unwrap() {
        auth_layer::session::Swap::Done(version) => version,
        other => panic!("{other:?}"),
    };
    for loaded in futures_util::future::join_all((0..20).map(|_| store.load("name"))).await {
        assert!(loaded.unwrap().is_some());
    }
    server.pause();
    // More than there are connections, twice: on connections that hang, and on new ones that do.
    let mut longest = Duration::ZERO;
    for _ in 0..2 {
        let asked = Instant::now();
        for loaded in futures_util::future::join_all((0..20).map(|_| store.load("name"))).await {
            assert!(loaded.is_err());
        }
        assert!(store.compare_and_swap("name", version, b"new".to_vec(), HOUR).await.is_err());
        longest = longest.max(asked.elapsed() / 2);
    }
    println!("an error after {longest:?} on average");
    assert!(longest < Duration::from_secs(1), "{longest:?}");
    server.resume();
    let back = Instant::now();
    while store.load("name").await.is_err() {
        assert!(back.elapsed() < Duration::from_secs(2), "still away after two seconds");
    }
    println!("answers {:?} after the database goes on", back.elapsed());
    // The swap that was given up was done or not, and no third.
    let found = store.load("name").await.unwrap().unwrap();
    assert_eq!(found.bytes == b"kept", found.version == version);
}

#[tokio::test]
async fn a_statement_that_waits_for_a_lock_is_given_up_and_the_next_one_is_answered() {
    let server = server().await;
    let store = PostgresStore::builder(&server.url()).unwrap().with_pool_size(1).connect().await.unwrap();
    store.insert("name", b"kept".to_vec(), HOUR, Groups::none()).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    let driving = tokio::spawn(connection);
    client.batch_execute("BEGIN; SELECT FROM auth_layer.records FOR UPDATE").await.unwrap();
    let asked = Instant::now();
    assert!(store.remove("name").await.is_err());
    assert!(asked.elapsed() < Duration::from_secs(1));
    // A reader waits for no lock, and the only connection is not the one that hangs.
    assert!(store.load("name").await.unwrap().is_some());
    client.batch_execute("ROLLBACK").await.unwrap();
    driving.abort();
}

/// Otherwise each request would begin a connection and give it up, for as long as there are requests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_takes_longer_to_connect_to_than_the_time_limit_is_reached_all_the_same() {
    let server = server().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let far =
        server.url().replace(&server.port().to_string(), &listener.local_addr().unwrap().port().to_string());
    let near = server.port();
    let driving = tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let mut server = TcpStream::connect(("127.0.0.1", near)).await.unwrap();
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    let store = PostgresStore::builder(&far).unwrap().with_pool_size(1).connect().await.unwrap();
    assert!(store.load("name").await.is_err(), "it is far away");
    assert_eq!(store.load("name").await.unwrap(), None, "and was connected to meanwhile");
    driving.abort();
}

const HOUR: Duration = Duration::from_secs(3_600);
