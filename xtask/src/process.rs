//! Child processes: cargo and the installers, their output streamed as it comes.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};

use crate::workspace;

/// Returns a cargo command that runs at the workspace's root.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(workspace::root());
    // `cargo run` describes this package to us; cargo below must not take that for its own.
    for name in inherited() {
        command.env_remove(name);
    }
    command
}

fn inherited() -> impl Iterator<Item = OsString> {
    const OURS: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.to_str().is_some_and(|name| OURS.iter().any(|ours| name.starts_with(ours))))
}

/// Runs a command to its end, its output going where ours goes.
///
/// # Errors
/// When it cannot start or does not succeed.
pub(crate) fn run(command: Command) -> Result<(), String> {
    println!("$ {}", shown(&command));
    run_silently(command)
}

/// As [`run`], without saying what is run.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_silently(mut command: Command) -> Result<(), String> {
    let line = shown(&command);
    let status = command.status().map_err(|error| format!("`{line}` did not start: {error}"))?;
    judged(&line, status)
}

/// Runs a command to its end, handing every line of its standard output on and to `see`.
///
/// # Errors
/// When it cannot start or does not succeed.
pub(crate) fn run_seen(mut command: Command, mut see: impl FnMut(&str)) -> Result<(), String> {
    let line = shown(&command);
    println!("$ {line}");
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| format!("`{line}` did not start: {error}"))?;
    if let Some(output) = child.stdout.take() {
        let mut ours = std::io::stdout().lock();
        for text in BufReader::new(output).split(b'\n') {
            let text = text.map_err(|error| format!("`{line}`: {error}"))?;
            let text = String::from_utf8_lossy(&text);
            see(&text);
            // A closed pipe is the reader's choice; the verdict is the exit code's.
            let _ = writeln!(ours, "{text}");
        }
    }
    let status = child.wait().map_err(|error| format!("`{line}`: {error}"))?;
    judged(&line, status)
}

fn judged(line: &str, status: ExitStatus) -> Result<(), String> {
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed: {status}")) }
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_that_fails_is_an_error_that_names_it() {
        let error = run(shell("exit 3")).expect_err("exit 3 is a failure");
        assert!(error.contains("sh -c exit 3") && error.contains('3'), "{error}");
        assert!(run(shell("exit 0")).is_ok());
    }

    #[test]
    fn every_line_is_seen_also_the_last_without_a_line_feed() {
        let mut seen = Vec::new();
        let failed = run_seen(shell("echo one; printf two; exit 1"), |line| seen.push(line.to_owned()));
        assert!(failed.is_err());
        assert_eq!(seen, ["one", "two"]);
    }

    #[test]
    fn a_program_that_does_not_exist_is_an_error() {
        assert!(run(Command::new("no-such-program-here")).is_err());
    }
}
