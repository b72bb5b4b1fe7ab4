//! `cargo xtask fuzz`: what strangers send, by the million (`tests/fuzz`).
//!
//! # Rules
//! 1. Targets run one after another, so that one core is enough. What one finds stops it, and not the others.
//! 2. A run begins with the committed corpus and with what earlier runs here have found; what it adds goes
//!    to `tests/fuzz/found`, which git ignores.
//! 3. `--keep` takes over into the committed corpus what reaches something new and is small.
//! 4. What is missing (a nightly, cargo-fuzz) is an error that says what to type. `--replay` needs neither.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use crate::{process, workspace};

/// Which targets, and for how long.
#[derive(Args, Debug)]
pub(crate) struct Fuzz {
    /// Minutes for each target
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
    /// Plays the committed corpora only, with the pinned toolchain
    #[arg(long, group = "instead")]
    replay: bool,
    /// Writes the seeds, and the tokens that are signed, anew
    #[arg(long, group = "instead")]
    seeds: bool,
    /// Merges what was found into the committed corpora, where it is small and reaches something new
    #[arg(long, group = "instead")]
    keep: bool,
    /// The targets, by name; default: all
    targets: Vec<String>,
}

impl Fuzz {
    pub(crate) fn run(self) -> Result<(), String> {
        let room = Room(workspace::root().join("tests/fuzz"));
        if self.replay {
            return process::run(replay());
        }
        if self.seeds {
            return process::run(room.cargo(&["run", "--quiet", "--bin", "seeds"]));
        }
        let targets = chosen(&room.targets()?, &self.targets)?;
        provide()?;
        process::run(room.fuzz(&["build"]))?;
        if self.keep {
            return targets.iter().try_for_each(|target| room.keep(target));
        }
        let mut crashed = Vec::new();
        for target in targets {
            let outcome = room.play(&target, self.minutes)?;
            println!("{}", outcome.line(&target));
            if !outcome.is_clean {
                println!("{}", outcome.finding);
                crashed.push(target);
            }
        }
        if crashed.is_empty() {
            return Ok(());
        }
        let names = crashed.join(", ");
        Err(format!("found something: {names}; the inputs are in tests/fuzz/artifacts"))
    }
}

/// The command that plays the committed corpora, with the pinned toolchain.
pub(crate) fn replay() -> Command {
    Room(workspace::root().join("tests/fuzz")).cargo(&["test", "--lib", "--no-fail-fast"])
}

/// The folder of the targets.
struct Room(PathBuf);

impl Room {
    fn targets(&self) -> Result<Vec<String>, String> {
        let folder = self.0.join("targets");
        let files = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut names: Vec<String> =
            files.flatten().filter_map(|file| Some(file.path().file_stem()?.to_str()?.to_owned())).collect();
        names.sort();
        Ok(names)
    }

    /// A command of cargo here, with the pinned toolchain.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = process::cargo(arguments);
        command.current_dir(&self.0);
        command
    }

    /// A command of cargo-fuzz, under the nightly.
    fn fuzz(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        // Ours is the pinned toolchain's, which knows no sanitizer.
        command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").current_dir(&self.0);
        command.args(["+nightly", "fuzz"]).args(arguments).args(["--fuzz-dir", ".", "--features", "targets"]);
        command
    }

    /// Adds to the committed corpus what was found and is small.
    fn keep(&self, target: &str) -> Result<(), String> {
        let mut command = self.fuzz(&["run", target]);
        for folder in ["corpus", "found"] {
            command.arg(Path::new(folder).join(target));
        }
        command.args(["--", "-merge=1", "-max_len=1024"]).stderr(Stdio::null());
        process::run(command)
    }

    /// Plays a target to the end of its time, or to what it finds.
    fn play(&self, target: &str, minutes: u64) -> Result<Outcome, String> {
        let found = self.0.join("found").join(target);
        fs::create_dir_all(&found).map_err(|error| format!("{}: {error}", found.display()))?;
        let log = found.with_extension("log");
        let mut command = self.fuzz(&["run", target]);
        command.arg(&found).arg(Path::new("corpus").join(target));
        command.args(["--", "-print_final_stats=1", "-fork=0", "-timeout=20", "-rss_limit_mb=3072"]);
        // Larger than any limit of the library's on what a stranger sends in one header.
        command.args(["-max_len=20000", &format!("-dict=dict/{target}.dict")]);
        command.arg(format!("-max_total_time={}", minutes * 60));
        println!("$ cargo +nightly fuzz run {target}, {minutes} min; its log: tests/fuzz/found/{target}.log");
        let output = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(output).status();
        let status = status.map_err(|error| format!("cargo did not start: {error}"))?;
        let text = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        Ok(Outcome::read(&String::from_utf8_lossy(&text), status.success()))
    }
}

/// What a run of libFuzzer came to.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    executions: u64,
    per_second: u64,
    /// Edges that the corpus reached at the start, and at the end.
    coverage: [u64; 2],
    /// Inputs that each reach something of their own.
    corpus: u64,
    is_clean: bool,
    /// What libFuzzer or the target said when it stopped.
    finding: String,
}

impl Outcome {
    fn read(log: &str, succeeded: bool) -> Self {
        let stat = |name: &str| {
            let mut lines = log.lines().filter_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
            lines.next_back().and_then(|rest| rest.trim_start_matches(':').trim().parse().ok())
        };
        // `#17 INITED cov: 1 ft: 2 corp: 3/4Kb ...`
        let after = |line: &str, word: &str| {
            let mut words = line.split_whitespace().skip_while(|found| *found != word).skip(1);
            words.next().and_then(|value| value.split('/').next()?.parse::<u64>().ok())
        };
        let pulses = || log.lines().filter(|line| line.starts_with('#') && line.contains(" cov: "));
        let first = pulses().find(|line| line.contains("INITED"));
        let coverage = [first, pulses().next_back()].map(|line| line.and_then(|line| after(line, "cov:")));
        let news = log.lines().filter(|line| !line.starts_with('#'));
        let stops = |line: &&str| FINDINGS.iter().any(|finding| line.contains(finding));
        let finding: Vec<&str> = news.skip_while(|line| !stops(line)).take(FINDING_LINES).collect();
        Self {
            executions: stat("number_of_executed_units").unwrap_or_default(),
            per_second: stat("average_exec_per_sec").unwrap_or_default(),
            coverage: coverage.map(Option::unwrap_or_default),
            corpus: pulses().next_back().and_then(|line| after(line, "corp:")).unwrap_or_default(),
            is_clean: succeeded,
            finding: finding.join("\n"),
        }
    }

    fn line(&self, target: &str) -> String {
        let [first, last] = self.coverage;
        format!(
            "{target:15} {} executions ({}/s), coverage {first} -> {last} (+{}), corpus {}, crashes {}",
            self.executions,
            self.per_second,
            last.saturating_sub(first),
            self.corpus,
            u8::from(!self.is_clean)
        )
    }
}

/// The targets that are asked for, of those that there are.
fn chosen(all: &[String], wanted: &[String]) -> Result<Vec<String>, String> {
    if wanted.is_empty() {
        return Ok(all.to_vec());
    }
    match wanted.iter().find(|name| !all.contains(name)) {
        Some(unknown) => Err(format!("no target `{unknown}`; there are: {}", all.join(", "))),
        None => Ok(wanted.to_vec()),
    }
}

/// Says what to install where it is missing.
fn provide() -> Result<(), String> {
    let answers = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
        let asked = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    for (program, arguments, fix) in [
        ("cargo", &["+nightly", "--version"][..], "rustup toolchain install nightly --profile minimal"),
        ("cargo", &["+nightly", "fuzz", "--version"], "cargo install cargo-fuzz"),
        ("c++", &["--version"], "apt-get install -y --no-install-recommends g++"),
    ] {
        if !answers(program, arguments) {
            return Err(format!("`{program} {}` does not answer: {fix}", arguments.join(" ")));
        }
    }
    Ok(())
}

/// How a finding begins: of a target, of the sanitizer, of libFuzzer; or there was no run at all.
const FINDINGS: [&str; 4] = ["panicked at", "ERROR: AddressSanitizer", "ERROR: libFuzzer", "error: "];
const FINDING_LINES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
INFO: Seed: 2519153458
#2\tpulse  cov: 901 ft: 902 corp: 1/1b exec/s: 1 rss: 60Mb
#29\tINITED cov: 3102 ft: 5113 corp: 25/12Kb exec/s: 0 rss: 71Mb
#811\tNEW    cov: 3110 ft: 5130 corp: 26/12Kb lim: 898 exec/s: 405 rss: 80Mb L: 600/898 MS: 1 EraseBytes-
#52011\tDONE   cov: 3204 ft: 6100 corp: 140/70Kb lim: 1020 exec/s: 866 rss: 410Mb
Done 52011 runs in 60 second(s)
stat::number_of_executed_units: 52011
stat::average_exec_per_sec:     852
stat::new_units_added:          301
";

    #[test]
    fn a_log_tells_how_much_was_played_and_reached() {
        let outcome = Outcome::read(LOG, true);
        assert_eq!(
            outcome.line("jwt"),
            "jwt             52011 executions (852/s), coverage 3102 -> 3204 (+102), corpus 140, crashes 0"
        );
        assert!(outcome.finding.is_empty());
    }

    #[test]
    fn a_run_that_stops_at_a_finding_is_not_clean_and_shows_it() {
        let log = "#29\tINITED cov: 3102 ft: 5113 corp: 25/12Kb exec/s: 0 rss: 71Mb\n\
                   thread '<unnamed>' (7) panicked at src/jwt.rs:42:5:\na forgery verifies\n\
                   stat::number_of_executed_units: 31\n";
        let outcome = Outcome::read(log, false);
        assert!(!outcome.is_clean && outcome.finding.contains("a forgery verifies"));
        assert_eq!((outcome.executions, outcome.coverage), (31, [3102, 3102]));
        assert!(outcome.line("jwt").ends_with("crashes 1"));
    }

    #[test]
    fn a_target_that_does_not_exist_is_refused_with_those_that_do() {
        let all = ["header".to_owned(), "jwt".to_owned()];
        assert_eq!(chosen(&all, &[]).as_deref(), Ok(&all[..]));
        assert_eq!(chosen(&all, &all[1..]).as_deref(), Ok(&all[1..]));
        assert_eq!(
            chosen(&all, &["jwe".to_owned()]),
            Err("no target `jwe`; there are: header, jwt".to_owned())
        );
    }

    #[test]
    fn every_target_has_a_corpus_and_a_dictionary() {
        let room = Room(workspace::root().join("tests/fuzz"));
        for target in room.targets().expect("there are targets") {
            assert!(room.0.join("corpus").join(&target).is_dir(), "{target}");
            assert!(room.0.join(format!("dict/{target}.dict")).is_file(), "{target}");
        }
    }
}
