//! Bytes of a record in each store: ten thousand of them, as long as the library's own and in as many groups.
//!
//! One of each kind is written by a real login, refresh or logout. The others are as long, under names as
//! long, so that what a store adds to a record is seen with nothing else in it.

use std::time::Duration;

use auth_layer::session::{Groups, SessionStore};
use auth_layer::testing::User;
use futures_util::future::join_all;
use tests::servers::{PostgresServer, RedisServer};
use tests::{Keep, ObservedStore, Site, Written};

use crate::{on_postgres, on_redis};

pub(crate) async fn report() {
    let kinds = kinds().await;
    println!("\n{:<36} {:>8} {:>8} {:>12} {:>12}", "bytes of", "record", "groups", "Redis", "PostgreSQL");
    for (what, written) in &kinds {
        let redis = RedisServer::start().await;
        let store = on_redis(&redis).await;
        let before = redis_bytes(&redis);
        fill(&store, written).await;
        let in_redis = (redis_bytes(&redis) - before) / COPIES as f64;
        let postgres = PostgresServer::start().await;
        let store = on_postgres(&postgres).await;
        let before = postgres_bytes(&postgres).await;
        fill(&store, written).await;
        let in_postgres = (postgres_bytes(&postgres).await - before) / COPIES as f64;
        println!(
            "{what:<36} {:>8} {:>8} {in_redis:>12.0} {in_postgres:>12.0}",
            written.bytes,
            written.groups.len(),
        );
    }
}

/// A record of each kind, as the library writes it.
async fn kinds() -> Vec<(&'static str, Written)> {
    let server = RedisServer::start().await;
    let stored = on_redis(&server).await;
    live(Keep::InTheStore, stored.clone()).await;
    let server = RedisServer::start().await;
    let coordinated = on_redis(&server).await;
    live(Keep::InCookies, coordinated.clone()).await;
    vec![
        ("a session", stored.longest("s").unwrap()),
        ("the note of a refresh (cookies)", coordinated.longest("r").unwrap()),
        ("a tombstone (cookies)", coordinated.longest("e").unwrap()),
    ]
}

/// Logs in, refreshes and logs out.
async fn live<S: SessionStore + Clone>(keep: Keep, store: ObservedStore<S>) {
    let site = Site::builder().open_instances(1, keep, store).await.remove(0);
    let ada = site.visitor();
    ada.log_in(&User::ada()).await;
    site.clock.advance(Duration::from_secs(3_600));
    assert_eq!(ada.get("/token").await.status, 200);
    ada.get("/auth/logout").await;
}

async fn fill<S: SessionStore>(store: &S, written: &Written) {
    for first in (0..COPIES).step_by(AT_ONCE) {
        let inserts = (first..first + AT_ONCE).map(|number| async move {
            let name = numbered(&written.name, number);
            let groups: Vec<String> = written.groups.iter().map(|group| numbered(group, number)).collect();
            let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
            // As random as what is sealed: nothing of it compresses.
            let bytes: Vec<u8> = (0..written.bytes).map(|at| (at * 131 + number * 31) as u8).collect();
            store.insert(&name, bytes, DAY, Groups::new(&groups, DAY)).await.unwrap();
        });
        join_all(inserts).await;
    }
}

/// Another name, as long.
fn numbered(name: &str, number: usize) -> String {
    let digits = format!("{number:06}");
    format!("{}{digits}", &name[..name.len() - digits.len()])
}

fn redis_bytes(server: &RedisServer) -> f64 {
    let report = server.cli(&["INFO", "memory"]);
    report.lines().find_map(|line| line.trim().strip_prefix("used_memory:")).unwrap().parse().unwrap()
}

async fn postgres_bytes(server: &PostgresServer) -> f64 {
    server.sql("SELECT pg_total_relation_size('auth_layer.records')").await.parse().unwrap()
}

const COPIES: usize = 10_000;
const AT_ONCE: usize = 50;
const DAY: Duration = Duration::from_secs(86_400);
