//! Which tokens count against a tenant's M2M quota: read from the tenant's own log.
//!
//! Shows: only client credentials for an external API count. A login, `getAccessToken` and a forced refresh
//! cost nothing, whatever their audience; and a machine token that is fetched again while one is living is
//! quota thrown away.
//!
//! Run:
//! - `cargo run --release -p examples --bin quota -- audit LOG...` on an export of the tenant's log (JSON
//!   lines, or what the Management API's `/api/v2/logs` answered), `-` for standard input. `--help` lists the
//!   settings; `--ledger FILE` compares with the ledger of an application.
//! - `.. -- ask` asks the three questions of the forum at an embedded provider.
//! - `.. -- sample 1000000` writes a log to try it on.
//!
//! You see what counted, by client, audience and day; what did not, and why; and which client fetched tokens
//! that it had. It exits with 1 where the ledger differs or an answer is not 0, and with 2 where it was
//! called wrongly or could not read.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks on its terminal")]

mod settings;

mod log;

mod count;

mod ledger;
mod report;

mod ask;
mod audit;
mod sample;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser as _;

use crate::settings::{Command, Settings};

/// What may go wrong, in words.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What the program found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All is as it should be.
    Good,
    /// The ledger differs from the log, or an answer is not the expected one.
    Bad,
}

fn main() -> ExitCode {
    let outcome = match Settings::parse().command {
        Command::Audit(settings) => audit::run(&settings, &mut std::io::stdout()),
        Command::Ask => ask::run(),
        Command::Sample(settings) => sample::run(&settings),
    };
    match outcome {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::from(1),
        Err(error) => {
            eprintln!("quota: {error}");
            ExitCode::from(2)
        }
    }
}
