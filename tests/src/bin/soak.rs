//! A soak: browsers that do as they please at a site whose provider has a bad day.
//!
//! `cargo run -p tests --release --bin soak -- <seconds> <seed>` runs four rounds: sessions in cookies
//! and in a store, each without and with answers that are lost on the way.
//!
//! # Rules
//! 1. No refresh token is spent twice, and no session lost, but where the answer to a refresh was.
//! 2. No token is another user's.
//! 3. A cookie that was copied before a logout opens nothing after it.
//! 4. Every request is answered within 30 seconds.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use auth_layer::session::MemoryStore;
use auth_layer::testing::{Endpoint, Fault, User};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use tests::{Reply, Site, SiteBuilder, Visitor};
use tokio::sync::RwLock;

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let (seconds, seed) = (arguments.next().unwrap_or(60), arguments.next().unwrap_or(1));
    println!("{seconds} seconds, seed {seed}");
    for (name, stored, lossy) in [
        ("cookie", false, false),
        ("store", true, false),
        ("cookie, answers lost", false, true),
        ("store, answers lost", true, true),
    ] {
        let site = if stored { site().open_with_store(MemoryStore::new).await } else { site().open().await };
        Round { site: Arc::new(site), lossy, end: Instant::now() + Duration::from_secs(seconds) / 4, seed }
            .run(name)
            .await;
    }
}

fn site() -> SiteBuilder {
    Site::builder().provider(|op| op.access_token_lifetime(Duration::from_secs(30))).config(|config| {
        // As fast as time runs here, a minute of grace is two seconds of ours.
        config.with_refresh_grace(Duration::from_secs(600)).with_refresh_patience(Duration::from_millis(5))
    })
}

struct Round {
    site: Arc<Site>,
    lossy: bool,
    end: Instant,
    seed: u64,
}

/// What was seen; what may be lost is at most what the faults took.
#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    unavailable: AtomicUsize,
    hang_ups: AtomicUsize,
    logouts: AtomicUsize,
    lost: AtomicUsize,
    resurrected: AtomicUsize,
    strangers: AtomicUsize,
}

impl Round {
    async fn run(self, name: &str) {
        let seen = Arc::new(Seen::default());
        // Time stands still during a login, whose code lives a minute.
        let still = Arc::new(RwLock::new(()));
        let before = resident();
        let mut browsers = tokio::task::JoinSet::new();
        for number in 0..BROWSERS {
            let user = if number % 2 == 0 { User::ada() } else { User::bob() };
            let browser = Browser {
                user,
                visitor: self.site.visitor(),
                chance: Chance(self.seed ^ (number << 32)),
                seen: Arc::clone(&seen),
                still: Arc::clone(&still),
            };
            browsers.spawn(browser.live(self.end));
        }
        let (drops, ()) = tokio::join!(self.weather(), self.time(&still));
        self.site.op.clear_faults();
        let op = self.site.op.clone();
        let releasing = tokio::spawn(async move {
            loop {
                op.release();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        while let Some(ended) = browsers.join_next().await {
            ended.expect("no browser panics");
        }
        releasing.abort();
        let reused =
            self.site.op.log().iter().filter(|event| event.description.contains("used before")).count();
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        println!(
            "{name}: {} requests, {} refreshes, {} unavailable, {} hang-ups, {} logouts; {drops} answers lost: \
             {reused} tokens reused, {} sessions lost; {} resurrected, {} strangers; {} KiB more",
            of(&seen.requests),
            self.site.refreshes(),
            of(&seen.unavailable),
            of(&seen.hang_ups),
            of(&seen.logouts),
            of(&seen.lost),
            of(&seen.resurrected),
            of(&seen.strangers),
            resident().saturating_sub(before),
        );
        assert_eq!((of(&seen.resurrected), of(&seen.strangers)), (0, 0));
        assert!(of(&seen.lost) <= drops && reused <= drops, "more was lost than the faults took");
    }

    async fn time(&self, still: &RwLock<()>) {
        while Instant::now() < self.end {
            let moving = still.write().await;
            self.site.clock.advance(Duration::from_millis(500));
            drop(moving);
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// Lets things go wrong; returns how many answers it lost.
    async fn weather(&self) -> usize {
        let mut chance = Chance(self.seed);
        let mut drops = 0;
        while Instant::now() < self.end {
            let fault = match chance.below(12) {
                0 => Some(Fault::DropConnection),
                1 => Some(Fault::Status(500)),
                2 => Some(Fault::RetryAfter(429, Duration::from_secs(3))),
                3 => Some(Fault::HoldUntilReleased),
                4 => Some(Fault::HoldResponseUntilReleased),
                5 => Some(Fault::Delay(Duration::from_millis(chance.below(30)))),
                6 if self.lossy => {
                    drops += 1;
                    Some(Fault::DropResponse)
                }
                _ => None,
            };
            if let Some(fault) = fault {
                self.site.op.fault_times(Endpoint::Token, fault, 1);
            }
            if chance.below(3) == 0 {
                self.site.op.release();
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        drops
    }
}

/// Someone with a browser, several tabs and little patience.
struct Browser {
    user: User,
    visitor: Visitor,
    chance: Chance,
    seen: Arc<Seen>,
    still: Arc<RwLock<()>>,
}

impl Browser {
    async fn live(mut self, end: Instant) {
        self.log_in().await;
        while Instant::now() < end {
            match self.chance.below(20) {
                0 => self.log_out().await,
                1..=3 => self.hang_up().await,
                4..=8 => self.tabs().await,
                _ => {
                    let path = self.path();
                    let reply = ask(&self.visitor, path).await;
                    self.judge(&[reply]).await;
                }
            }
            tokio::time::sleep(Duration::from_millis(self.chance.below(40))).await;
        }
    }

    fn path(&mut self) -> &'static str {
        const PATHS: [&str; 6] = ["/token", "/token", "/billing", "/force", "/maybe", "/session"];
        PATHS[usize::try_from(self.chance.below(6)).unwrap()]
    }

    async fn tabs(&mut self) {
        let tabs: Vec<_> = (0..self.chance.below(6) + 2)
            .map(|_| {
                let (visitor, path) = (self.visitor.clone(), self.path());
                tokio::spawn(async move { ask(&visitor, path).await })
            })
            .collect();
        let mut replies = Vec::new();
        for tab in tabs {
            replies.push(tab.await.unwrap());
        }
        self.judge(&replies).await;
    }

    async fn hang_up(&mut self) {
        let (visitor, path) = (self.visitor.clone(), self.path());
        let request = tokio::spawn(async move { ask(&visitor, path).await });
        tokio::time::sleep(Duration::from_millis(self.chance.below(6))).await;
        request.abort();
        self.seen.hang_ups.fetch_add(1, Ordering::Relaxed);
        if let Ok(reply) = request.await {
            self.judge(&[reply]).await;
        }
    }

    /// Logs out while other tabs are under way, and in again.
    async fn log_out(&mut self) {
        let copied = self.visitor.copied();
        let (late, path) = (self.visitor.clone(), self.path());
        let late = tokio::spawn(async move { ask(&late, path).await });
        ask(&self.visitor, "/auth/logout").await;
        self.seen.logouts.fetch_add(1, Ordering::Relaxed);
        if ask(&copied, "/session").await.status != StatusCode::UNAUTHORIZED {
            self.seen.resurrected.fetch_add(1, Ordering::Relaxed);
        }
        let login = self.chance.below(2) == 0;
        if login {
            self.log_in().await;
        }
        let late = late.await.unwrap();
        if late.status == StatusCode::OK {
            self.is_own(&late);
        }
        if !login {
            if ask(&self.visitor, "/session").await.status == StatusCode::OK {
                self.seen.resurrected.fetch_add(1, Ordering::Relaxed);
            }
            self.log_in().await;
        }
    }

    /// A provider with a bad day is asked until it answers.
    async fn log_in(&self) {
        let _still = self.still.read().await;
        for _ in 0..100 {
            let (visitor, user) = (self.visitor.clone(), self.user.clone());
            let login = tokio::spawn(async move {
                let departure = ask(&visitor, "/auth/login").await.location();
                let callback = visitor.provider().browser().log_in(&user, &departure).await.unwrap();
                ask(&visitor, &callback[tests::BASE_URL.len()..]).await
            });
            if login.await.unwrap().status == StatusCode::SEE_OTHER {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no login in a hundred");
    }

    async fn judge(&self, replies: &[Reply]) {
        self.seen.requests.fetch_add(replies.len(), Ordering::Relaxed);
        let mut is_lost = false;
        for reply in replies {
            match reply.status {
                StatusCode::OK if reply.body == "null" => is_lost = true,
                StatusCode::OK => self.is_own(reply),
                StatusCode::UNAUTHORIZED => is_lost = true,
                StatusCode::BAD_GATEWAY if reply.body == "InvalidGrant" => is_lost = true,
                StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => {
                    self.seen.unavailable.fetch_add(1, Ordering::Relaxed);
                }
                other => panic!("{other}: {}", reply.body),
            }
        }
        if is_lost {
            self.seen.lost.fetch_add(1, Ordering::Relaxed);
            self.log_in().await;
        }
    }

    fn is_own(&self, reply: &Reply) {
        let subject = match reply.body.starts_with('{') {
            true => reply.json()["token"].as_str().map(subject).unwrap(),
            false => reply.body.clone(),
        };
        if subject != self.user.subject() && subject != "null" {
            self.seen.strangers.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn ask(visitor: &Visitor, path: &str) -> Reply {
    tokio::time::timeout(Duration::from_secs(30), visitor.get(path)).await.expect("an answer in time")
}

fn subject(token: &str) -> String {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<serde_json::Value>(&claims).unwrap()["sub"].as_str().unwrap().to_owned()
}

/// How many KiB of memory this process has, where the system tells.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Chance with a seed (splitmix64), so that a round can be run again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

const BROWSERS: u64 = 64;
