//! A flood of distinct valid tokens, and among them a thousand that are in use.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use auth_layer::Issuer;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, StatusCode};
use tests::Api;
use tokio::runtime::Handle;

use crate::open;
use crate::seen::{mebibytes, resident};

pub(crate) async fn run(on: &Handle, tokens: u64) {
    // What the process needs once is there before it is measured.
    let warm = open(on, |api| api.config(|config| config.with_token_cache_bytes(0))).await;
    for _ in 0..2_000 {
        assert_eq!(warm.status(&warm.fresh()).await, StatusCode::OK);
    }
    let (before, began) = (resident(), Instant::now());
    let flood = Arc::new(Flood::open(on).await);
    let mut most = 0;
    for per_hot in [1, 10] {
        flood.hits.store(0, Ordering::Relaxed);
        flood.asked.store(0, Ordering::Relaxed);
        let sent = Arc::new(AtomicU64::new(0));
        let senders: Vec<_> = (0..2)
            .map(|_| tokio::spawn(Arc::clone(&flood).send(per_hot, tokens / 2, Arc::clone(&sent))))
            .collect();
        for sender in senders {
            most = most.max(sender.await.unwrap());
        }
        let [hits, asked] = [&flood.hits, &flood.asked].map(|count| count.load(Ordering::Relaxed));
        println!(
            "good tokens: {} distinct ones, {per_hot} for each of {HOT} hot ones: {hits} of {asked} hot requests were hits",
            tokens / 2
        );
        assert!(hits * 10 >= asked * 9);
    }
    let grown = most.saturating_sub(before);
    println!(
        "good tokens: {} more at most for a cache of {}, in {:.0?}",
        mebibytes(grown),
        mebibytes(CACHE),
        began.elapsed()
    );
    assert!(grown <= CACHE + CACHE / 10);
}

struct Flood {
    api: Api,
    hot: Vec<Hot>,
    asked: AtomicUsize,
    hits: AtomicUsize,
    expired: String,
    revoked: String,
}

/// A token in use, and where in memory it was when it was last asked for.
struct Hot {
    token: String,
    place: AtomicU64,
}

impl Flood {
    async fn open(on: &Handle) -> Self {
        let api = open(on, |api| api.config(|config| config.with_token_cache_bytes(CACHE))).await;
        let hot = (0..HOT).map(|_| Hot { token: api.fresh(), place: AtomicU64::new(0) }).collect();
        let short = Api::ada().with_lifetime(Duration::from_secs(60));
        let (expired, revoked) = (api.op.sign_access_token(&short), api.fresh());
        for token in [&expired, &revoked] {
            for _ in 0..4 {
                assert_eq!(api.status(token).await, StatusCode::OK);
            }
        }
        let until = api.clock.now().plus(Duration::from_secs(3_600));
        api.auth.revoke_token(&Issuer::from(api.op.issuer()), &token_id(&revoked), until);
        api.clock.advance(Duration::from_secs(91));
        let flood = Self { api, hot, asked: 0.into(), hits: 0.into(), expired, revoked };
        for number in 0..2 * HOT {
            flood.ask(number).await;
        }
        flood
    }

    /// Sends new tokens and between them hot ones; returns the most memory that it saw.
    async fn send(self: Arc<Self>, per_hot: u64, tokens: u64, sent: Arc<AtomicU64>) -> usize {
        let mut most = 0;
        loop {
            let number = sent.fetch_add(1, Ordering::Relaxed);
            if number >= tokens {
                return most;
            }
            assert_eq!(self.api.status(&self.api.fresh()).await, StatusCode::OK);
            if number.is_multiple_of(per_hot) {
                self.ask(self.asked.load(Ordering::Relaxed)).await;
            }
            if number.is_multiple_of(1_000) {
                most = most.max(resident());
                for token in [&self.expired, &self.revoked] {
                    assert_eq!(self.api.status(token).await, StatusCode::UNAUTHORIZED);
                }
            }
        }
    }

    /// Brings a hot token; what is where it was before was remembered.
    async fn ask(&self, number: usize) {
        let hot = &self.hot[number % self.hot.len()];
        let request = Request::get("/where").header("authorization", format!("Bearer {}", hot.token));
        let place = self.api.send(request).await.body;
        let place = u64::from_str_radix(place.trim_start_matches("0x"), 16).expect("an address");
        let before = hot.place.swap(place, Ordering::Relaxed);
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.hits.fetch_add(usize::from(before == place), Ordering::Relaxed);
    }
}

fn token_id(token: &str) -> String {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["jti"].as_str().unwrap().to_owned()
}

const HOT: usize = 1_000;
const CACHE: usize = 64 * 1024 * 1024;
