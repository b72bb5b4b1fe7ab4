//! A session request with each store, against a bare round trip to that store.
//!
//! The rows take turns, some milliseconds each: a ratio is one of two neighbours in time, and the median of
//! many rounds. The bare round trips are of the same kind of connection, and of as many bytes.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use auth_layer::session::{MemoryStore, SessionStore};
use auth_layer::testing::{TestSession, User, session_cookie};
use axum::Router;
use axum::body::Body;
use http::{HeaderValue, Request};
use redis::aio::MultiplexedConnection;
use tests::servers::{PostgresServer, RedisServer};
use tests::{Keep, ObservedStore, Site, Visitor};
use tokio_postgres::NoTls;
use tower::ServiceExt as _;

use crate::{on_postgres, on_redis};

type Once<'a> = Box<dyn FnMut() -> Pin<Box<dyn Future<Output = ()> + 'a>> + 'a>;

/// What takes turns, and the row that it is compared with.
struct Row<'a> {
    name: &'static str,
    against: &'static str,
    once: Once<'a>,
    times: Vec<f64>,
}

/// A session, at the application that knows it.
struct Known {
    site: Site,
    cookie: HeaderValue,
}

impl Known {
    async fn log_in(site: Site) -> Self {
        let ada = site.visitor();
        ada.log_in(&User::ada()).await;
        Self { cookie: cookie_of(&ada), site }
    }

    fn row<'a>(&self, name: &'static str, against: &'static str) -> Row<'a> {
        let (app, cookie) = (self.site.app(), self.cookie.clone());
        row(name, against, move || Box::pin(request(app.clone(), cookie.clone())))
    }
}

pub(crate) async fn report() {
    let (redis, postgres) = (RedisServer::start().await, PostgresServer::start().await);
    let (redis_store, postgres_store) = (on_redis(&redis).await, on_postgres(&postgres).await);
    let cookies = Known::log_in(Site::open().await).await;
    let memory = Known::log_in(Site::builder().open_with_store(MemoryStore::new).await).await;
    let in_redis = known(Keep::InTheStore, redis_store.clone()).await;
    let in_postgres = known(Keep::InTheStore, postgres_store.clone()).await;
    let coordinated = known(Keep::InCookies, redis_store.clone()).await;
    let bytes = redis_store.longest("s").expect("a session was stored").bytes;
    println!("\na session is {bytes} bytes in a store");

    let mut bare = bare_redis(&redis, bytes).await;
    let strangers = strangers(&coordinated.site).await;
    let mut next = strangers.iter().cycle();
    let app = coordinated.site.app();
    let (client, connection) = tokio_postgres::connect(&postgres.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let name = postgres_store.longest("s").expect("a session was stored").name;
    // As the store asks.
    let statement = "SELECT record, version FROM auth_layer.records \
                     WHERE name = $1 AND expires_at > clock_timestamp()";
    let statement = client.prepare(statement).await.unwrap();
    let mut looked = bare.clone();

    let mut rows = vec![
        cookies.row(COOKIE, COOKIE),
        memory.row("memory", COOKIE),
        row(GET, GET, || {
            Box::pin(async {
                let value: Vec<u8> =
                    redis::cmd("GET").arg("bare").query_async(&mut bare.clone()).await.unwrap();
                assert!(!value.is_empty());
            })
        }),
        in_redis.row("Redis", GET),
        row(SELECT, SELECT, || {
            Box::pin(async {
                let row = client.query_opt(&statement, &[&name]).await.unwrap();
                assert!(!row.unwrap().get::<_, &[u8]>(0).is_empty());
            })
        }),
        in_postgres.row("PostgreSQL", SELECT),
        coordinated.row("cookies with Redis, within half a second", COOKIE),
        row(MGET, MGET, || {
            Box::pin(async {
                let values: Vec<Option<Vec<u8>>> =
                    redis::cmd("MGET").arg(&["a", "b", "c"]).query_async(&mut looked.clone()).await.unwrap();
                assert_eq!(values, [None, None, None]);
            })
        }),
        row("cookies with Redis, looked up", MGET, || {
            Box::pin(request(app.clone(), next.next().expect("it never ends").clone()))
        }),
    ];
    for _ in 0..ROUNDS {
        for row in &mut rows {
            row.turn().await;
        }
    }
    print(&rows);
    drop(rows);
    let _: () = redis::cmd("PING").query_async(&mut bare).await.unwrap();
    let _: () = redis::cmd("PING").query_async(&mut looked).await.unwrap();
}

fn print(rows: &[Row<'_>]) {
    println!(
        "\n{:<44} {:>9} {:>12} {:>22}",
        "a session request", "median", "x bare", "beyond cookies, x bare"
    );
    let cookie = &rows[0];
    for row in rows {
        let bare = rows.iter().find(|other| other.name == row.against).expect("it is among them");
        let ratio = median(row.times.iter().zip(&bare.times).map(|(took, bare)| took / bare));
        let beyond = row.times.iter().zip(&cookie.times).map(|(took, cookie)| took - cookie);
        let beyond = median(beyond.zip(&bare.times).map(|(beyond, bare)| beyond / bare));
        let took = median(row.times.iter().copied()) * 1e6;
        if row.name == row.against {
            println!("{:<44} {took:>6.1} us", row.name);
        } else {
            println!("{:<44} {took:>6.1} us {ratio:>12.2} {beyond:>22.2}", row.name);
        }
    }
}

impl Row<'_> {
    async fn turn(&mut self) {
        let (mut requests, begun) = (0, Instant::now());
        while begun.elapsed() < TURN {
            (self.once)().await;
            requests += 1;
        }
        self.times.push(begun.elapsed().as_secs_f64() / f64::from(requests));
    }
}

fn row<'a>(
    name: &'static str,
    against: &'static str,
    once: impl FnMut() -> Pin<Box<dyn Future<Output = ()> + 'a>> + 'a,
) -> Row<'a> {
    Row { name, against, once: Box::new(once), times: Vec::with_capacity(ROUNDS) }
}

async fn known<S: SessionStore + Clone>(keep: Keep, store: ObservedStore<S>) -> Known {
    let mut sites = Site::builder().open_instances(1, keep, store).await;
    Known::log_in(sites.remove(0)).await
}

async fn request(app: Router, cookie: HeaderValue) {
    let request = Request::get("/token").header("cookie", cookie).body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
}

async fn bare_redis(server: &RedisServer, bytes: usize) -> MultiplexedConnection {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let value = vec![7_u8; bytes + HEADER];
    redis::cmd("SET").arg("bare").arg(value).query_async::<()>(&mut connection).await.unwrap();
    connection
}

/// So many that none comes again within half a second.
async fn strangers(site: &Site) -> Vec<HeaderValue> {
    let mut cookies = Vec::with_capacity(STRANGERS);
    for number in 0..STRANGERS {
        let session = TestSession::new(format!("local|{number}"))
            .with_access_token("t".repeat(TOKEN_BYTES))
            .with_refresh_token("r");
        cookies.push(session_cookie(&site.auth, session).await.unwrap());
    }
    cookies
}

fn cookie_of(visitor: &Visitor) -> HeaderValue {
    let pairs: Vec<String> =
        visitor.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    HeaderValue::try_from(pairs.join("; ")).unwrap()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

const COOKIE: &str = "cookies alone, no store";
const GET: &str = "a bare GET of as many bytes";
const SELECT: &str = "a bare SELECT of the same row";
const MGET: &str = "a bare MGET of three that are not there";
const TURN: Duration = Duration::from_millis(10);
const ROUNDS: usize = 151;
const STRANGERS: usize = 20_000;
const TOKEN_BYTES: usize = 900;
/// What the store writes before a record's bytes.
const HEADER: usize = 28;
