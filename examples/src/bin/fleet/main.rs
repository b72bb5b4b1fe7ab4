//! A fleet: three instances of an application on one store, behind a round-robin, under load.
//!
//! Shows: instances that share a store behave as one. A refresh token is spent once, however many
//! requests at however many instances meet the expired access token, and nobody is logged out by it.
//!
//! Run: `cargo run --release -p examples --bin fleet`, or `cargo xtask fleet`. `--help` lists the settings.
//! It starts a `redis-server` of its own, or takes `FLEET_STORE=redis://..` or `postgres://..`; a provider
//! whose access tokens live five seconds and whose refresh tokens are good once; and the instances, each a
//! process of its own. Then users log in, and two tabs of each send requests to whichever instance is next.
//!
//! You see a line of progress, and at the end a table. It fails where a token's expiry cost other than
//! one refresh, or where a session was lost.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks on its terminal")]

mod expiries;
mod forwarder;
mod instance;
mod load;
mod process;
mod report;
mod run;
mod settings;
mod store;
mod visitor;

use std::process::ExitCode;

use clap::Parser as _;

use crate::settings::Settings;

/// What may go wrong, in words.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    // The program starts itself, once for each instance.
    let done = match std::env::args().nth(1).as_deref() {
        Some(instance::ARGUMENT) => instance::serve().await.map(|()| true),
        _ => run::run(Settings::parse()).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fleet: {error}");
            ExitCode::FAILURE
        }
    }
}
