//! `cargo xtask bench`: the benchmarks of the package `tests`.

use clap::Args;

use crate::process;

/// What is handed on to `cargo bench`.
#[derive(Args, Debug)]
pub(crate) struct Bench {
    /// Arguments of `cargo bench`, and after `--` of criterion
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

impl Bench {
    pub(crate) fn run(self) -> Result<(), String> {
        let mut command = process::cargo(&["bench", "--package", "tests", "--benches"]);
        command.args(self.args);
        process::run(command)
    }
}
