//! The shop: a web application whose users log in, and whose backend wants their tokens.
//!
//! Shows: one layer for login, session and refresh; handlers that require scopes; a token that
//! never reaches the browser; a refresh that happens once however many requests ask for it.
//!
//! Run: `cargo run -p examples --bin shop`, open the address that it prints, log in as `ada`.
//! You see who is logged in, the products, the token's scopes and time to live, and a ledger of
//! what the tokens cost. With `AUTH_ISSUER` set it runs at a provider of yours: see `settings.rs`.
//!
//! Run: `cargo run -p examples --bin shop -- --check`. It goes through the whole story without a
//! browser, prints one line a step, and fails if a step does.
//!
//! Run: `cargo run -p examples --bin shop -- access`. It prints who may call what; `access --help` says more.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks on its terminal")]

mod access;
mod api;
mod backend;
mod check;
mod demo;
mod error;
mod scopes;
mod sessions;
mod settings;
mod start;
mod web;
mod worker;

use std::process::ExitCode;

use clap::Parser as _;

use crate::access::Access;
use crate::error::StartError;
use crate::settings::Settings;
use crate::start::Running;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        [] => serve().await,
        ["--check"] => return check::run().await,
        ["access", ..] => return access(),
        _ => {
            eprintln!("usage: shop [--check | access ..]");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {error}");
            ExitCode::FAILURE
        }
    }
}

fn access() -> ExitCode {
    // The first argument takes the place of the program's name.
    match Access::parse_from(std::env::args().skip(1)).run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("shop access: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), StartError> {
    let signal = interrupted()?;
    let running = Running::start(Settings::from_environment()?).await?;
    println!("open {}\n", running.base_url);
    if let Some(demo) = &running.demo {
        println!("users of the embedded provider at {}:", demo.provider.issuer());
        for (name, username, password, may) in demo::PEOPLE {
            println!("  {name:<14} {username:<7} {password:<50} {may}");
        }
    }
    if running.demo.is_none() {
        println!("register at your provider: {0}/auth/callback, and {0}/ for the logout", running.base_url);
    }
    match &running.api_url {
        Some(url) => println!("products API at {url}"),
        None => {
            println!("products are kept in this process: set API_INTROSPECTION_URL for an API of its own")
        }
    }
    println!("stop with Ctrl-C\n");
    // For programs that started this one: from here on it answers.
    println!("shop listening on {}", running.base_url);
    running.until(signal).await
}

/// Ends at Ctrl-C or SIGTERM; from the call on, neither kills the process unasked.
#[cfg(unix)]
fn interrupted() -> Result<impl Future<Output = ()>, StartError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(StartError::Serve)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(StartError::Serve)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
fn interrupted() -> Result<impl Future<Output = ()>, StartError> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
