//! Commands in the documents: what a reader is told to type exists.

use clap::Parser;

use super::finding::Finding;
use super::markdown;
use super::source::{Tree, is_specimen};
use crate::Cli;
use crate::metadata::Workspace;

/// Every command of ours that would not run: of the documents, and of what files say of themselves.
pub(crate) fn findings(tree: &Tree, workspace: &Workspace) -> Vec<Finding> {
    let documents = tree.documents.iter().map(|document| (&document.path, document.text.clone()));
    let files = tree.rust.iter().filter(|file| !is_specimen(&file.path));
    let files = files.map(|file| (&file.path, essay(&file.text)));
    let mut all = Vec::new();
    for (path, text) in documents.chain(files) {
        let fenced = markdown::commands(&text);
        for (line, words) in fenced.into_iter().chain(mentioned(&text)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if let Err(why) = judge(&words, workspace) {
                all.push(Finding::new(path, line, format!("`{}`: {why}", words.join(" "))));
            }
        }
    }
    all
}

fn judge(words: &[&str], workspace: &Workspace) -> Result<(), String> {
    match words {
        ["cargo", "xtask", arguments @ ..] => xtask(arguments),
        ["cargo", "run" | "r" | "test" | "t" | "bench", arguments @ ..] => target(arguments, workspace),
        _ => Ok(()),
    }
}

/// The module documentation, every other line empty, so that lines keep their numbers.
fn essay(text: &str) -> String {
    let lines =
        text.lines().map(|line| line.strip_prefix("//!").map(|line| line.strip_prefix(' ').unwrap_or(line)));
    lines.map(Option::unwrap_or_default).collect::<Vec<_>>().join("\n")
}

/// Commands in the prose: `cargo ..` between backticks, but for patterns such as `cargo xtask <command>`.
fn mentioned(text: &str) -> Vec<(usize, Vec<String>)> {
    let lines = markdown::prose(text).into_iter();
    let spans = lines.flat_map(|(line, text)| markdown::code_spans(text).map(move |span| (line, span)));
    let commands = spans.filter(|(_, span)| span.starts_with("cargo ") && !span.contains(['<', '[', '…']));
    let is_whole = |words: &Vec<String>| words.len() > 2;
    commands
        .map(|(line, span)| (line, span.split_whitespace().map(str::to_owned).collect()))
        .filter(|(_, words)| is_whole(words))
        .collect()
}

/// Asks the parser that would read the arguments.
fn xtask(arguments: &[&str]) -> Result<(), String> {
    use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
    match Cli::try_parse_from([&["cargo xtask"], arguments].concat()) {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), DisplayHelp | DisplayVersion) => Ok(()),
        Err(error) => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or("not accepted");
            Err(first.trim_start_matches("error: ").to_owned())
        }
    }
}

/// Looks up the package and the target that cargo is told to run.
fn target(arguments: &[&str], workspace: &Workspace) -> Result<(), String> {
    let ours = arguments.split(|word| *word == "--").next().unwrap_or_default();
    let value = |names: &[&str]| {
        ours.iter().enumerate().find_map(|(at, word)| {
            names.iter().find_map(|name| match word.strip_prefix(name) {
                Some("") => ours.get(at + 1).copied(),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            })
        })
    };
    let package = match value(&["--package", "-p"]) {
        Some(name) => Some(workspace.package(name).ok_or_else(|| format!("there is no package `{name}`"))?),
        None => None,
    };
    for kind in ["bin", "example", "test", "bench"] {
        let Some(name) = value(&[&format!("--{kind}")]) else { continue };
        let exists = match package {
            Some(package) => package.has(kind, name),
            None => workspace.packages.iter().any(|package| package.has(kind, name)),
        };
        if !exists {
            return Err(format!("there is no {kind} `{name}`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Package;

    fn messages(path: &str, text: &str) -> Vec<String> {
        let workspace = Workspace {
            packages: vec![Package {
                name: "examples".into(),
                features: Vec::new(),
                targets: vec![("bin".into(), "shop".into()), ("example".into(), "hello".into())],
            }],
        };
        let tree = Tree::of(&[(path, text)]);
        findings(&tree, &workspace)
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line, finding.message))
            .collect()
    }

    fn fenced(command: &str) -> Vec<String> {
        messages("README.md", &format!("```sh\n{command}\n```\n"))
    }

    #[test]
    fn a_command_that_exists_is_accepted() {
        for command in [
            "cargo xtask demo",
            "cargo xtask demo --check",
            "APP_LISTEN=127.0.0.1:4000 cargo xtask demo -- --anything",
            "cargo xtask test --only tidy --keep-going",
            "cargo xtask --help",
            "cargo run -p examples --bin shop -- --example nothing",
            "cargo run --example=hello",
            "cargo add auth-layer",
        ] {
            assert_eq!(fenced(command), [""; 0], "{command}");
        }
    }

    #[test]
    fn a_command_that_does_not_exist_is_refused() {
        for command in [
            "cargo xtask",
            "cargo xtask deploy",
            "cargo xtask demo --chek",
            "cargo xtask tidy --fix",
            "cargo xtask test --only nothing",
            "cargo run -p examples --bin shp",
            "cargo run -p example --bin shop",
            "cargo run --example shop",
            "cargo test -p examples --test hello",
        ] {
            assert_eq!(fenced(command).len(), 1, "{command}");
        }
    }

    #[test]
    fn prose_and_the_first_lines_of_a_file_are_read_too() {
        for (path, text) in [
            (
                "manual/defaults.md",
                "Run `cargo xtask deploy`, not `cargo xtask <command>`, or `cargo xtask`.\n",
            ),
            (
                "examples/examples/hello.rs",
                "//! Says hello: `cargo run --example hullo`.\n// `cargo xtask no`\n",
            ),
            ("examples/examples/hello.rs", "//! ```sh\n//! cargo xtask deploy\n//! ```\n"),
        ] {
            assert_eq!(messages(path, text).len(), 1, "{path}: {text}");
        }
        assert_eq!(messages("examples/examples/hello.rs", "//! `cargo run --example hello`\n"), [""; 0]);
        assert_eq!(messages("tests/ui/fail/a.rs", "//! `cargo xtask deploy`\n"), [""; 0]);
    }
}
