//! `cargo xtask fleet`: three instances on one store, under load.

use clap::Args;

use crate::process;

/// What is handed on to the example.
#[derive(Args, Debug)]
pub(crate) struct Fleet {
    /// Arguments of the example, such as `--seconds 60 --sessions cookies`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

impl Fleet {
    pub(crate) fn run(self) -> Result<(), String> {
        // Figures of an unoptimised build say nothing.
        let mut command =
            process::cargo(&["run", "--release", "--package", "examples", "--bin", "fleet", "--"]);
        command.args(self.args);
        process::run(command)
    }
}
