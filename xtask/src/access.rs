//! `cargo xtask access`: who may call what in an example, and whether a definition says the same.

use clap::Args;

use crate::process;

/// Which example, and what is handed on to it.
#[derive(Args, Debug)]
pub(crate) struct Access {
    /// The example: a program with the command `access`
    #[arg(long, default_value = "shop")]
    example: String,
    /// More for the example: `--as markdown`, `--check FILE`; `--help` after `--` says all of it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

impl Access {
    pub(crate) fn run(self) -> Result<(), String> {
        let mut command =
            process::cargo(&["run", "--quiet", "--package", "examples", "--bin", &self.example, "--"]);
        command.arg("access").args(self.args.iter().filter(|arg| *arg != "--"));
        // What it prints is a document: nothing else goes there.
        process::run_silently(command)
    }
}
