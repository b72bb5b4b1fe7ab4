//! `cargo xtask soak`: browsers that do as they please, at a provider that has a bad day.

use clap::Args;

use crate::process;

/// How long, and which day.
#[derive(Args, Debug)]
pub(crate) struct Soak {
    /// Seconds, over four rounds
    #[arg(default_value_t = 60)]
    seconds: u64,
    /// The same seed throws the same dice
    #[arg(default_value_t = 1)]
    seed: u64,
}

impl Soak {
    pub(crate) fn run(self) -> Result<(), String> {
        let mut command = process::cargo(&["run", "--package", "tests", "--bin", "soak", "--"]);
        command.args([self.seconds.to_string(), self.seed.to_string()]);
        process::run(command)
    }
}
