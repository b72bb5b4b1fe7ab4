//! The project's own commands: `cargo xtask <command>`.
//!
//! | command | what it does |
//! |---|---|
//! | `demo` | starts the shop, or with `--check` runs its whole story |
//! | `fleet` | runs three instances on one store under load |
//! | `test` | installs what the tests need and runs everything |
//! | `access` | prints who may call what in the shop, or compares it with a definition |
//! | `tidy` | checks the style: floors, invariants, shape, documents |
//! | `features` | checks every feature of `auth-layer` alone, none, and all |
//! | `bench` | runs the benchmarks |
//! | `fuzz` | feeds the parsers and the gate what strangers send, or with `--replay` what is committed |
//! | `scale` | says what 10^6 to 10^8 sessions ask of the store and of the provider |
//! | `soak` | lets browsers do as they please while the provider has a bad day |
//! | `bless` | accepts what the compiler and the macros print now |
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod access;
mod bench;
mod bless;
mod demo;
mod features;
mod fleet;
mod fuzz;
mod metadata;
mod parts;
mod process;
mod scale;
mod soak;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the shop; with --check runs its whole story without a browser
    Demo(demo::Demo),
    /// Runs three instances on one store under load, and counts refreshes and lost sessions
    Fleet(fleet::Fleet),
    /// Installs what the tests need and runs everything
    Test(test::Test),
    /// Runs the benchmarks
    Bench(bench::Bench),
    /// Feeds the parsers and the gate what strangers send, by the million
    Fuzz(fuzz::Fuzz),
    /// Lets browsers do as they please while the provider has a bad day
    Soak(soak::Soak),
    /// Says what 10^6 to 10^8 sessions ask of the store and of the provider
    Scale(scale::Scale),
    /// Prints who may call what in an example, or compares it with a definition
    Access(access::Access),
    /// Checks the style: floors, invariants, shape, documents
    Tidy,
    /// Checks auth-layer with no feature, with each alone, and with all
    Features,
    /// Accepts what the compiler and the macros print now as expected
    Bless,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(demo) => demo.run(),
        Command::Fleet(fleet) => fleet.run(),
        Command::Test(test) => test.run(),
        Command::Bench(bench) => bench.run(),
        Command::Fuzz(fuzz) => fuzz.run(),
        Command::Soak(soak) => soak.run(),
        Command::Scale(scale) => scale.run(),
        Command::Access(access) => access.run(),
        Command::Tidy => tidy::run(),
        Command::Features => features::run(),
        Command::Bless => bless::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
