//! `cargo xtask soak`: traffic at a provider that has a bad day.

use clap::{Args, Subcommand};

use crate::process;

/// How long, and which day.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Soak {
    #[command(subcommand)]
    of: Option<Of>,
    #[command(flatten)]
    browsers: Browsers,
}

/// Of what, where it is not of sessions.
#[derive(Debug, Subcommand)]
enum Of {
    /// An API that takes bearer tokens, with figures for each fault
    Bearer(Bearer),
    /// The ledger against the provider's log, after a mixed load with faults
    Ledger {
        /// Exchanges in each of two rounds
        #[arg(default_value_t = 10_000)]
        exchanges: u64,
        /// The same seed throws the same dice
        #[arg(default_value_t = 1)]
        seed: u64,
    },
    /// Three shops as processes, one store, and faults: the figures of docs/security.md, in five minutes
    Fleet,
}

/// Browsers that do as they please.
#[derive(Args, Debug)]
struct Browsers {
    /// Seconds, over eight rounds
    #[arg(default_value_t = 60)]
    seconds: u64,
    /// The same seed throws the same dice
    #[arg(default_value_t = 1)]
    seed: u64,
}

/// Bearer tokens under traffic.
#[derive(Args, Debug)]
struct Bearer {
    /// Seconds for which the provider is away
    #[arg(default_value_t = 60)]
    seconds: u64,
    /// Distinct valid tokens in the flood
    #[arg(default_value_t = 1_000_000)]
    tokens: u64,
    /// Only these: outage, rotation, unknown-keys, slow-keys, documents, good-tokens
    parts: Vec<String>,
}

/// The tests of the fleet, with more rounds and longer outages than in a run of all tests.
fn fleet() -> Result<(), String> {
    process::run(process::cargo(&["build", "--package", "examples", "--bins"]))?;
    let mut command =
        process::cargo(&["test", "--package", "tests", "--all-features", "--test", "real_parts"]);
    command.args(["fleet::", "--", "--nocapture", "--test-threads", "2"]).env("FLEET_THOROUGH", "1");
    process::run(command)
}

impl Soak {
    pub(crate) fn run(self) -> Result<(), String> {
        let (binary, arguments) = match self.of {
            Some(Of::Fleet) => return fleet(),
            Some(Of::Bearer(bearer)) => {
                let numbers = [bearer.seconds.to_string(), bearer.tokens.to_string()];
                ("soak_bearer", numbers.into_iter().chain(bearer.parts).collect())
            }
            Some(Of::Ledger { exchanges, seed }) => {
                ("soak_ledger", vec![exchanges.to_string(), seed.to_string()])
            }
            None => ("soak", vec![self.browsers.seconds.to_string(), self.browsers.seed.to_string()]),
        };
        // Figures of an unoptimised build say nothing.
        let release: &[&str] = if binary == "soak_bearer" { &["--release"] } else { &[] };
        let mut command = process::cargo(&["run", "--package", "tests", "--bin", binary]);
        command.args(release).arg("--").args::<Vec<String>, _>(arguments);
        process::run(command)
    }
}
