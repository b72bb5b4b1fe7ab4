//! A soak of bearer tokens: an API under traffic while its provider has a bad day.
//!
//! `cargo run -p tests --release --bin soak_bearer -- <seconds> <tokens> <part>...` runs all parts, or those
//! that are named. The provider is away for so many seconds, and so many distinct tokens come. Each part
//! prints its figures and ends the process where one does not hold.
//!
//! # Rules
//! 1. While the provider is away, no valid token is refused; once it is back, it is found within five
//!    seconds.
//! 2. A rotation refuses no good token; a withdrawn key is refused.
//! 3. A flood of unknown keys costs one fetch in 30 seconds, no memory, and good requests little.
//! 4. Nobody with a known key waits for a fetch, and no answer takes more memory than it may.
//! 5. A flood of good tokens stays within the cache's bound, and leaves what is in use.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod documents;
mod good_tokens;
mod outage;
mod rotation;
mod seen;
mod slow_keys;
mod traffic;
mod unknown_keys;

use std::time::Duration;

use auth_layer::Clock;
use auth_layer::testing::{IdentityProvider, SigningAlgorithm};
use tests::{Api, ApiBuilder};
use tokio::runtime::{Builder, Handle, Runtime};

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut number = |default| arguments.next_if(|next| next.parse::<u64>().is_ok()).map_or(default, parsed);
    let (seconds, tokens) = (number(60), number(1_000_000));
    let parts: Vec<String> = arguments.collect();
    let (ours, theirs) = (runtime(2), runtime(1));
    let provider = theirs.handle().clone();
    let is_wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    println!("{seconds} seconds, {tokens} tokens");
    ours.block_on(async {
        // First, while no other part has left memory behind that it could use.
        if is_wanted("good-tokens") {
            good_tokens::run(&provider, tokens).await;
        }
        if is_wanted("outage") {
            outage::run(&provider, Duration::from_secs(seconds)).await;
        }
        if is_wanted("rotation") {
            rotation::run(&provider).await;
        }
        if is_wanted("unknown-keys") {
            unknown_keys::run(&provider).await;
        }
        if is_wanted("slow-keys") {
            slow_keys::run(&provider).await;
        }
        if is_wanted("documents") {
            documents::run(&provider).await;
        }
    });
}

/// Starts a provider on threads of its own, whose clock can be moved ahead.
async fn provider(on: &Handle) -> IdentityProvider {
    let builder = IdentityProvider::builder().clock(Clock::adjustable()).signing(SigningAlgorithm::Es256);
    on.spawn(async move { builder.start().await.expect("a free port") }).await.unwrap()
}

/// Opens an API over a provider of its own.
async fn open(on: &Handle, change: impl FnOnce(ApiBuilder) -> ApiBuilder) -> Api {
    change(Api::builder()).over(&provider(on).await).await
}

async fn restart(on: &Handle, op: &IdentityProvider) {
    let op = op.clone();
    on.spawn(async move { op.restart().await }).await.unwrap();
}

fn runtime(threads: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap()
}

fn parsed(number: String) -> u64 {
    number.parse().expect("a number")
}
