//! A flood of distinct valid tokens, and among them a hot set: what stays in memory, and who is remembered.
//!
//! `cargo bench -p tests --bench bearer_flood -- --tokens=1000000` says how many tokens come.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

#[allow(dead_code)]
mod rows;

use std::time::Instant;

use allocation_counter::measure;
use auth_layer::testing::SigningAlgorithm;
use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use rows::issuer::{Issuer, Token};
use rows::ours::{self, Flooded};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

fn main() {
    let tokens = std::env::args().find_map(|argument| argument.strip_prefix("--tokens=")?.parse().ok());
    let tokens = tokens.unwrap_or(TOKENS);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    // ES256, which signs in a twentieth of the time that RS256 takes.
    let issuer = runtime.block_on(Issuer::start(SigningAlgorithm::Es256, HOT));
    match runtime.block_on(ours::flooded(&issuer)) {
        Some(flooded) => Flood { runtime, issuer, flooded, turn: 0, live: 0, most: 0 }.run(tokens),
        None => println!("nothing here remembers tokens: there is nothing to flood"),
    }
}

struct Flood {
    runtime: Runtime,
    issuer: Issuer,
    flooded: Flooded,
    /// How many hot requests there were.
    turn: usize,
    /// Bytes that were allocated by requests and are not freed.
    live: i64,
    most: i64,
}

impl Flood {
    fn run(mut self, tokens: usize) {
        let (began, resident_before) = (Instant::now(), resident());
        // The hot set is hot before the flood comes.
        for _ in 0..2 {
            self.send(&[], HOT);
        }
        let (mut remembered, mut asked, mut sent) = (0, 0, 0);
        while sent < tokens {
            // Signed by the piece, since a million tokens need more memory than what is measured.
            let piece: Vec<Token> =
                (sent..tokens.min(sent + PIECE)).map(|number| self.issuer.sign(HOT + number)).collect();
            sent += piece.len();
            let hot = piece.len() / COLD_PER_HOT;
            remembered += self.send(&piece, hot);
            asked += hot;
        }
        println!("{sent} distinct tokens, {HOT} hot ones, one of them for every {COLD_PER_HOT} of the flood");
        println!("of {asked} hot requests {remembered} were hits: {:.1} %", share(remembered, asked));
        println!("allocated by requests: {} now, {} at most", mebibytes(self.live), mebibytes(self.most));
        println!("resident: {} more than before", mebibytes(resident() - resident_before));
        println!("in {:.0} s, with the signing", began.elapsed().as_secs_f64());
    }

    /// Sends all of `cold`, and between them `hot` of the hot set; returns how many of these were hits.
    fn send(&mut self, cold: &[Token], hot: usize) -> u64 {
        let mut hits = 0;
        let mut hot_set = self.issuer.tokens.iter().cycle().skip(self.turn % HOT).take(hot);
        let counted = measure(|| {
            self.runtime.block_on(async {
                for piece in cold.chunks(COLD_PER_HOT) {
                    for token in piece {
                        request(&self.flooded, token).await;
                    }
                    if let Some(token) = hot_set.next() {
                        hits += hits_of(&self.flooded, token).await;
                    }
                }
                for token in hot_set {
                    hits += hits_of(&self.flooded, token).await;
                }
            });
        });
        self.turn += hot;
        self.most = self.most.max(self.live + i64::try_from(counted.bytes_max).unwrap());
        self.live += counted.bytes_current;
        hits
    }
}

async fn hits_of(flooded: &Flooded, token: &Token) -> u64 {
    let before = (flooded.verified)();
    request(flooded, token).await;
    // What was not verified again was remembered.
    u64::from((flooded.verified)() == before)
}

async fn request(flooded: &Flooded, token: &Token) {
    let request = Request::get("/open").header(AUTHORIZATION, token.authorization.clone());
    let request = request.body(Body::empty()).unwrap();
    let Ok(response) = flooded.app.clone().oneshot(request).await;
    assert_eq!(response.status(), 200);
}

fn share(part: u64, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn mebibytes(bytes: i64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// How many bytes of memory this process has, where the system tells.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<i64>().ok());
    kibibytes.unwrap_or_default() * 1_024
}

/// How many come where nobody says.
const TOKENS: usize = 1_000_000;
const HOT: usize = 1_000;
const COLD_PER_HOT: usize = 8;
const PIECE: usize = 8_192;
