//! `cargo xtask test`: installs what the tests need, then runs everything.
//!
//! # Rules
//! 1. The quick steps come first, the tests last, so that the runner's own lines close the output.
//! 2. The first step that fails ends the run; with `--keep-going` all run and the failed are named.
//! 3. A run in which no test ran has failed.

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::{features, fuzz, parts, process, tidy};

/// What to run.
#[derive(Args, Debug)]
pub(crate) struct Test {
    /// Run the later steps also after one has failed
    #[arg(long)]
    keep_going: bool,
    /// Run this step only (may be given several times)
    #[arg(long, value_enum, value_name = "STEP")]
    only: Vec<Step>,
}

/// The steps, in the order in which they run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Step {
    /// Installs Chromium, Redis, PostgreSQL and the npm packages
    Parts,
    /// cargo fmt --check
    Fmt,
    /// cargo xtask tidy
    Tidy,
    /// Clippy over every target, warnings are errors
    Clippy,
    /// cargo xtask features
    Features,
    /// The documentation builds without a warning
    Docs,
    /// The examples in the documentation
    Doctests,
    /// cargo xtask fuzz --replay
    Corpora,
    /// Unit, behaviour, verification, compile errors, real parts
    Tests,
}

impl Test {
    pub(crate) fn run(self) -> Result<(), String> {
        let started = Instant::now();
        let mut tally = Tally::default();
        let (mut passed, mut failed) = (0, Vec::new());
        for step in
            Step::value_variants().iter().filter(|step| self.only.is_empty() || self.only.contains(step))
        {
            println!("\n==> {}", step.name());
            let began = Instant::now();
            match step.perform(&mut tally) {
                Ok(()) => {
                    passed += 1;
                    println!("==> {}: passed in {}", step.name(), seconds(began.elapsed()));
                }
                Err(why) => {
                    println!("==> {}: FAILED in {}: {why}", step.name(), seconds(began.elapsed()));
                    failed.push(step.name());
                    if !self.keep_going {
                        break;
                    }
                }
            }
        }
        println!("\n{passed} steps passed in {}; failed: {}", seconds(started.elapsed()), or_none(&failed));
        if tally.has_run() {
            println!("{}", tally.closing_line());
        }
        if failed.is_empty() {
            Ok(())
        } else {
            Err(format!("cargo xtask test failed at: {}", failed.join(", ")))
        }
    }
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn perform(self, tally: &mut Tally) -> Result<(), String> {
        match self {
            Self::Parts => parts::provide(),
            Self::Fmt => process::run(process::cargo(&["fmt", "--all", "--check"])),
            Self::Tidy => tidy::run(),
            Self::Clippy => process::run(process::cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--",
                "-D",
                "warnings",
            ])),
            Self::Features => features::run(),
            Self::Docs => {
                let mut docs = process::cargo(&["doc", "--workspace", "--all-features", "--no-deps"]);
                docs.env("RUSTDOCFLAGS", "-D warnings");
                process::run(docs)
            }
            Self::Doctests => {
                let doctests =
                    process::cargo(&["test", "--workspace", "--all-features", "--doc", "--no-fail-fast"]);
                process::run_seen(doctests, |line| tally.see(line))
            }
            Self::Corpora => process::run_seen(fuzz::replay(), |line| tally.see(line)),
            Self::Tests => build_and_test(tally),
        }
    }
}

fn build_and_test(tally: &mut Tally) -> Result<(), String> {
    // The real parts start the shop with `cargo run`: built here, no test waits for a compiler.
    process::run(process::cargo(&["build", "--package", "examples", "--bins"]))?;
    let command = process::cargo(&["test", "--workspace", "--all-features", "--tests", "--no-fail-fast"]);
    let before = tally.passed;
    process::run_seen(command, |line| tally.see(line))?;
    if tally.passed == before { Err("no test ran".into()) } else { Ok(()) }
}

/// The sum of the runner's own closing lines.
#[derive(Debug, Default, Eq, PartialEq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Adds a line `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; ...`.
    fn see(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for count in counts.split(';') {
            let mut words = count.split_whitespace();
            let (Some(number), Some(what)) = (words.next().and_then(|word| word.parse().ok()), words.next())
            else {
                continue;
            };
            let number: u64 = number;
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    fn has_run(&self) -> bool {
        *self != Self::default()
    }

    fn closing_line(&self) -> String {
        format!("tests: {} passed, {} failed, {} skipped", self.passed, self.failed, self.ignored)
    }
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_closing_lines_add_up_and_other_lines_do_not() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test a::b ... ok",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1.00s",
        ] {
            tally.see(line);
        }
        assert_eq!(tally, Tally { passed: 7, failed: 2, ignored: 1 });
        assert_eq!(tally.closing_line(), "tests: 7 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn a_run_without_a_closing_line_has_run_nothing() {
        assert!(!Tally::default().has_run());
    }

    #[test]
    fn the_tests_come_last() {
        assert_eq!(Step::value_variants().last(), Some(&Step::Tests));
    }
}
