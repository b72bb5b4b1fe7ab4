//! The command line, and the benches of the package `tests`.

use clap::{Args, Subcommand};

use super::compile::Compile;
use super::throughput::Throughput;
use crate::process;

/// What is measured; without a word everything but the stores, the throughput and the builds.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    criterion: Criterion,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Sessions: time and allocations
    Session(Criterion),
    /// Bearer tokens: time, allocations and the flood
    Bearer(Criterion),
    /// Machine tokens that are at hand: time and allocations
    Machine(Criterion),
    /// Stores: a session request against a bare round trip, commands, processor time and bytes
    Stores {
        /// Only these: time, commands, processor, memory
        parts: Vec<String>,
    },
    /// The flood of bearer tokens: memory and hits
    Flood {
        /// How many distinct tokens come
        #[arg(default_value_t = 1_000_000)]
        tokens: usize,
    },
    /// Bearer tokens over loopback, as a load generator sees it
    Throughput(Throughput),
    /// Builds of a crate with many handlers
    Compile(Compile),
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
            Some(What::Compile(compile)) => compile.run(),
            _ => {
                let mut command = process::cargo(&["bench", "--package", "tests"]);
                command.args(self.arguments());
                process::run(command)
            }
        }
    }

    fn arguments(self) -> Vec<String> {
        let arguments = |criterion: Criterion, timed: &[&str], counted: &[&str]| {
            let counted = if criterion.args.is_empty() { counted } else { &[] };
            let named = timed.iter().chain(counted).map(|bench| format!("--bench={bench}"));
            named.chain(["--".to_owned()]).chain(criterion.args).collect()
        };
        match self.what {
            None => arguments(self.criterion, &[SESSION.0, BEARER.0, MACHINE], &[SESSION.1, BEARER.1, FLOOD]),
            Some(What::Session(criterion)) => arguments(criterion, &[SESSION.0], &[SESSION.1]),
            Some(What::Bearer(criterion)) => arguments(criterion, &[BEARER.0], &[BEARER.1, FLOOD]),
            Some(What::Machine(criterion)) => arguments(criterion, &[MACHINE], &[]),
            Some(What::Flood { tokens }) => {
                vec![format!("--bench={FLOOD}"), "--".into(), format!("--tokens={tokens}")]
            }
            Some(What::Stores { parts }) => {
                [format!("--bench={STORES}"), "--".into()].into_iter().chain(parts).collect()
            }
            Some(What::Throughput(_) | What::Compile(_)) => Vec::new(),
        }
    }
}

/// The bench of time, and the one of allocations.
const SESSION: (&str, &str) = ("session", "allocations");
const BEARER: (&str, &str) = ("bearer", "bearer_allocations");
const MACHINE: &str = "machine";
const STORES: &str = "stores";
const FLOOD: &str = "bearer_flood";

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        bench: Bench,
    }

    fn arguments(line: &str) -> String {
        let line = Line::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
        line.bench.arguments().join(" ")
    }

    #[test]
    fn a_word_runs_the_benches_of_that_name_only() {
        for (line, expected) in [
            (
                "bench",
                "--bench=session --bench=bearer --bench=machine --bench=allocations --bench=bearer_allocations \
                 --bench=bearer_flood --",
            ),
            ("bench session", "--bench=session --bench=allocations --"),
            ("bench bearer", "--bench=bearer --bench=bearer_allocations --bench=bearer_flood --"),
            ("bench machine", "--bench=machine --"),
            ("bench stores", "--bench=stores --"),
            ("bench stores memory", "--bench=stores -- memory"),
            ("bench flood", "--bench=bearer_flood -- --tokens=1000000"),
            ("bench flood 5000", "--bench=bearer_flood -- --tokens=5000"),
        ] {
            assert_eq!(arguments(line), expected, "{line}");
        }
    }

    #[test]
    fn what_is_for_criterion_reaches_criterion_and_no_other_bench() {
        for (line, expected) in [
            ("bench -- --quick", "--bench=session --bench=bearer --bench=machine -- --quick"),
            ("bench bearer -- ES256", "--bench=bearer -- ES256"),
            ("bench session -- --quick", "--bench=session -- --quick"),
        ] {
            assert_eq!(arguments(line), expected, "{line}");
        }
    }
}
