//! What the attribute costs a build: a crate of many handlers, with it and with extractors by hand.
//!
//! Milliseconds differ from machine to machine, so axum's `#[debug_handler]` is measured in the same run.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;

use super::generated::{Crate, Variant};
use crate::{process, workspace};

/// How many handlers, and how often.
#[derive(Args, Debug)]
pub(crate) struct Compile {
    /// Handlers of each crate
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    handlers: u32,
    /// Scopes that they require in turn
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    scopes: u32,
    /// How often each crate is built in each way
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only `check`, or only `build`
    #[arg(long, value_parser = ["check", "build"])]
    only: Option<String>,
}

/// A way to build: which command, and after what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    name: &'static str,
    command: &'static str,
    is_clean: bool,
}

const WAYS: [Way; 4] = [
    Way { name: "check, clean", command: "check", is_clean: true },
    Way { name: "check, one handler touched", command: "check", is_clean: false },
    Way { name: "build, clean", command: "build", is_clean: true },
    Way { name: "build, one handler touched", command: "build", is_clean: false },
];

impl Compile {
    pub(crate) fn run(self) -> Result<(), String> {
        let root = workspace::root().join("target/bench-compile");
        let crates =
            Variant::ALL.map(|variant| Crate { variant, handlers: self.handlers, scopes: self.scopes });
        super::generated::write(&root, &crates)?;
        // What they depend on is built once, and is no part of what is measured.
        let ways: Vec<Way> = WAYS
            .into_iter()
            .filter(|way| self.only.as_ref().is_none_or(|only| only == way.command))
            .collect();
        for way in &ways {
            for one in &crates {
                build(&root, one, way.command)?;
            }
        }
        let mut seen = vec![vec![Vec::new(); crates.len()]; ways.len()];
        for round in 0..self.rounds {
            for (way, seen) in ways.iter().zip(&mut seen) {
                for place in super::throughput::turns(round, crates.len()) {
                    let Some(one) = crates.get(place) else { continue };
                    let took = self.once(&root, one, *way, round)?;
                    println!("round {}: {:<28} {:<32} {took:>8.2?}", round + 1, way.name, one.variant.name());
                    seen[place].push(took.as_secs_f64());
                }
            }
        }
        println!("\n{} handlers, {} scopes, {} rounds, medians", self.handlers, self.scopes, self.rounds);
        println!("{:<28} {:<32} {:>7} {:>7} {:>13}", "", "", "s", "x", "ms a handler");
        for (way, seen) in ways.iter().zip(&seen) {
            for (one, of_this) in crates.iter().zip(seen) {
                println!("{}", line(way.name, one, of_this, &seen[0]));
            }
        }
        println!("\nwhat a handler costs more than by hand, as a share of what #[debug_handler] costs more");
        for (way, seen) in ways.iter().zip(&seen) {
            for (one, of_this) in crates.iter().zip(seen).skip(2) {
                println!(
                    "{:<28} {:<32} {:>7}",
                    way.name,
                    one.variant.name(),
                    share(of_this, &seen[0], &seen[1])
                );
            }
        }
        Ok(())
    }

    fn once(&self, root: &Path, one: &Crate, way: Way, round: u32) -> Result<Duration, String> {
        if way.is_clean {
            let mut clean = process::cargo(&["clean", "--quiet", "--package", &one.package()]);
            clean.current_dir(root);
            quietly(clean)?;
        } else {
            // The other command has seen the last touch, this one has not: it builds what it lacks first.
            build(root, one, way.command)?;
            one.touch(root, round)?;
        }
        let begun = Instant::now();
        build(root, one, way.command)?;
        Ok(begun.elapsed())
    }
}

fn build(root: &Path, one: &Crate, command: &str) -> Result<(), String> {
    let mut command = process::cargo(&[command, "--quiet", "--package", &one.package()]);
    command.current_dir(root);
    quietly(command)
}

/// Runs a command whose output nobody needs unless it fails.
fn quietly(mut command: std::process::Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("cargo did not start: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// The median, its ratio to the crate without the attribute, and the difference for one handler.
fn line(way: &str, one: &Crate, of_this: &[f64], by_hand: &[f64]) -> String {
    let ratio = super::throughput::median(of_this.iter().zip(by_hand).map(|(this, hand)| this / hand));
    let more = more(of_this, by_hand) * 1_000.0 / f64::from(one.handlers);
    let more = if one.variant == Variant::ByHand { String::new() } else { format!("{more:+.3}") };
    format!(
        "{way:<28} {:<32} {:>7.2} {:>7.2} {more:>13}",
        one.variant.name(),
        median(of_this),
        ratio.unwrap_or_default()
    )
}

/// Of a yardstick that is lost in the noise there is no share.
fn share(of_this: &[f64], by_hand: &[f64], yardstick: &[f64]) -> String {
    let whole = more(yardstick, by_hand);
    if whole > 0.0 { format!("{:.2}", more(of_this, by_hand) / whole) } else { "unknown".to_owned() }
}

/// By how many seconds the median is above that of the crate without the attribute.
fn more(of_this: &[f64], by_hand: &[f64]) -> f64 {
    median(of_this) - median(by_hand)
}

fn median(values: &[f64]) -> f64 {
    super::throughput::median(values.iter().copied()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_costs_the_difference_of_the_medians() {
        let one = Crate { variant: Variant::Attribute, handlers: 1_000, scopes: 1 };
        let line = line("check", &one, &[2.2, 9.0, 2.2], &[2.0, 2.0, 2.0]);
        assert!(line.ends_with("2.20    1.10        +0.200"), "{line}");
    }

    #[test]
    fn a_share_is_one_of_what_the_yardstick_costs_more() {
        let by_hand = [2.0, 2.0, 9.0];
        assert_eq!(share(&[2.5, 2.5, 2.5], &by_hand, &[4.0, 4.0, 1.0]), "0.25");
        assert_eq!(share(&[2.5, 2.5, 2.5], &by_hand, &[2.0, 2.0, 2.0]), "unknown");
    }
}
