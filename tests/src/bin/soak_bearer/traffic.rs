//! Traffic: requests at a pace, or as fast as they are answered.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tests::Api;
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep};

use crate::seen::Seen;

/// How many requests a second.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    PerSecond(u32),
    AsFastAsPossible,
}

/// Brings tokens for a while, in a task of its own; `token` is given the number of the request.
pub(crate) fn drive(
    api: &Api,
    pace: Pace,
    lasts: Duration,
    token: impl Fn(usize) -> String + Send + 'static,
) -> JoinHandle<Seen> {
    let api = api.clone();
    tokio::spawn(async move {
        let (began, mut seen) = (Instant::now(), Seen::new());
        let mut ticks = interval(Duration::from_millis(1));
        while began.elapsed() < lasts {
            let due = match pace {
                Pace::PerSecond(pace) => {
                    ticks.tick().await;
                    began.elapsed().as_millis() * u128::from(pace) / 1_000
                }
                Pace::AsFastAsPossible => seen.requests() as u128 + BREATH,
            };
            let mut breath = 0;
            while (seen.requests() as u128) < due && breath < BREATH {
                let token = token(seen.requests());
                let sent = Instant::now();
                let status = api.status(&token).await;
                seen.note(status, sent.elapsed());
                breath += 1;
            }
            // Requests that never wait would leave no time for what else there is to do.
            tokio::task::yield_now().await;
        }
        seen
    })
}

/// Waits until something happens, and returns how long that took.
pub(crate) async fn until(happens: impl AsyncFn() -> bool) -> Duration {
    let began = Instant::now();
    while !happens().await {
        sleep(Duration::from_millis(5)).await;
    }
    began.elapsed()
}

/// The token with the name of another key; its signature is not looked at before its key is found.
pub(crate) fn of_key(token: &str, kid: &str) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid }).to_string();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

const BREATH: u128 = 16;
