//! A soak: browsers that do as they please at a site whose provider has a bad day, and its store, too.
//!
//! `cargo run -p tests --bin soak -- <seconds> <seed>` runs eight rounds: sessions in cookies and in a
//! store, at one instance and at three that share a store which comes and goes; each without and with
//! answers that are lost on the way.
//!
//! # Rules
//! 1. No refresh token is spent twice, and no session lost, but where the answer to a refresh was.
//! 2. No token is another user's.
//! 3. A cookie that was copied before a logout opens nothing after it.
//! 4. Every request is answered within 30 seconds.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod browser;
mod place;
mod weather;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use auth_layer::testing::User;
use tests::{Chance, Keep};
use tokio::sync::RwLock;

use crate::browser::{Browser, Seen};
use crate::place::Place;

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let (seconds, seed) = (arguments.next().unwrap_or(60), arguments.next().unwrap_or(1));
    println!("{seconds} seconds, seed {seed}");
    for instances in [1, 3] {
        for (answers, lossy) in [("", false), (", answers lost", true)] {
            for keep in Keep::BOTH {
                let place = match instances {
                    1 => Place::alone(keep).await,
                    _ => Place::fleet(instances, keep).await,
                };
                let end = Instant::now() + Duration::from_secs(seconds) / 8;
                let name = format!("{instances} x {keep:?}{answers}");
                Round { place: Arc::new(place), lossy, end, seed }.run(&name).await;
            }
        }
    }
}

struct Round {
    place: Arc<Place>,
    lossy: bool,
    end: Instant,
    seed: u64,
}

impl Round {
    async fn run(self, name: &str) {
        let seen = Arc::new(Seen::default());
        // Time stands still during a login, whose code lives a minute.
        let still = Arc::new(RwLock::new(()));
        let before = resident();
        let mut browsers = tokio::task::JoinSet::new();
        for number in 0..BROWSERS {
            let browser = Browser {
                user: if number % 2 == 0 { User::ada() } else { User::bob() },
                instances: self.place.visitor(),
                chance: Chance(self.seed ^ (number << 32)),
                seen: Arc::clone(&seen),
                still: Arc::clone(&still),
            };
            browsers.spawn(browser.live(self.end));
        }
        let (drops, outages, ()) = tokio::join!(
            weather::of_the_provider(&self.place, self.lossy, self.seed, self.end),
            weather::of_the_store(&self.place, self.seed, self.end),
            weather::time(&self.place, &still, self.end),
        );
        self.place.op.clear_faults();
        let op = self.place.op.clone();
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
        let log = self.place.op.log();
        let reused = log.iter().filter(|event| event.description.contains("used before")).count();
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        println!(
            "{name}: {} requests, {} refreshes, {} unavailable, {} hang-ups, {} logouts; {drops} answers lost, \
             {outages} outages of the store: {reused} tokens reused, {} sessions lost; {} resurrected, \
             {} strangers; {} KiB more",
            of(&seen.requests),
            self.place.op.token_calls("refresh_token"),
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
}

/// How many KiB of memory this process has, where the system tells.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

const BROWSERS: u64 = 64;
