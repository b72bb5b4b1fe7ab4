//! `cargo xtask demo`: the shop, its provider and its API, on loopback.

use clap::Args;

use crate::process;

/// What is handed on to the shop.
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Run the whole story without a browser, one line a step, and stop
    #[arg(long)]
    check: bool,
    /// More arguments for the shop
    #[arg(last = true)]
    args: Vec<String>,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), String> {
        let mut command = process::cargo(&["run", "--package", "examples", "--bin", "shop", "--"]);
        if self.check {
            command.arg("--check");
        }
        command.args(self.args);
        process::run(command)
    }
}
