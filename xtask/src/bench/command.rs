//! The command line, and the benches of the package `tests`.

use clap::{Args, Subcommand};

use super::throughput::Throughput;
use crate::process;

/// What is measured, or what is handed on to `cargo bench`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: Option<What>,
    /// Arguments of `cargo bench`, and after `--` of criterion
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Sessions: time and allocations
    Session(Criterion),
    /// Bearer tokens: time, allocations and the flood
    Bearer(Criterion),
    /// The flood of bearer tokens: memory and hits
    Flood {
        /// How many distinct tokens come
        #[arg(default_value_t = 1_000_000)]
        tokens: usize,
    },
    /// Bearer tokens over loopback, as a load generator sees it
    Throughput(Throughput),
}

#[derive(Args, Debug)]
struct Criterion {
    /// Arguments of criterion, such as a part of a row's name: then nothing else is run
    #[arg(last = true)]
    args: Vec<String>,
}

impl Bench {
    pub(crate) fn run(self) -> Result<(), String> {
        match self.what {
            Some(What::Throughput(throughput)) => throughput.run(),
            Some(what) => bench(&what.arguments()),
            None => bench(&[vec!["--benches".to_owned()], self.args].concat()),
        }
    }
}

impl What {
    fn arguments(self) -> Vec<String> {
        match self {
            Self::Session(criterion) => criterion.with(&["session", "allocations"]),
            Self::Bearer(criterion) => criterion.with(&["bearer", "bearer_allocations", "bearer_flood"]),
            Self::Flood { tokens } => {
                Criterion { args: vec![format!("--tokens={tokens}")] }.with(&["bearer_flood"])
            }
            Self::Throughput(_) => Vec::new(),
        }
    }
}

impl Criterion {
    /// The arguments that run these benches, of which only the first would know its arguments.
    fn with(self, benches: &[&str]) -> Vec<String> {
        let benches = if self.args.is_empty() { benches } else { &benches[..1] };
        let named = benches.iter().map(|bench| format!("--bench={bench}"));
        named.chain(["--".to_owned()]).chain(self.args).collect()
    }
}

fn bench(arguments: &[String]) -> Result<(), String> {
    let mut command = process::cargo(&["bench", "--package", "tests"]);
    command.args(arguments);
    process::run(command)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        bench: Bench,
    }

    fn arguments(line: &str) -> Vec<String> {
        let bench =
            Line::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}")).bench;
        bench.what.map_or(bench.args, What::arguments)
    }

    #[test]
    fn a_word_runs_the_benches_of_that_name_only() {
        for (line, expected) in [
            ("bench", ""),
            ("bench session", "--bench=session --bench=allocations --"),
            ("bench bearer", "--bench=bearer --bench=bearer_allocations --bench=bearer_flood --"),
            ("bench flood", "--bench=bearer_flood -- --tokens=1000000"),
            ("bench flood 5000", "--bench=bearer_flood -- --tokens=5000"),
        ] {
            assert_eq!(arguments(line).join(" "), expected, "{line}");
        }
    }

    #[test]
    fn what_is_for_criterion_reaches_criterion_and_no_other_bench() {
        for (line, expected) in [
            ("bench bearer -- ES256", "--bench=bearer -- ES256"),
            ("bench session -- --quick", "--bench=session -- --quick"),
            ("bench --bench session -- --quick", "--bench session -- --quick"),
        ] {
            assert_eq!(arguments(line).join(" "), expected, "{line}");
        }
    }
}
