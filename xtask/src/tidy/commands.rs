//! Commands in the documents: what a reader is told to type exists.

use clap::Parser;

use super::finding::Finding;
use super::markdown;
use super::source::Tree;
use crate::Cli;
use crate::metadata::Workspace;

/// Every command of ours that would not run.
pub(crate) fn findings(tree: &Tree, workspace: &Workspace) -> Vec<Finding> {
    let mut all = Vec::new();
    for document in &tree.documents {
        for (line, words) in markdown::commands(&document.text) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let judged = match words.as_slice() {
                ["cargo", "xtask", arguments @ ..] => xtask(arguments),
                ["cargo", "run" | "r" | "test" | "t" | "bench", arguments @ ..] => {
                    target(arguments, workspace)
                }
                _ => Ok(()),
            };
            if let Err(why) = judged {
                all.push(Finding::new(&document.path, line, format!("`{}`: {why}", words.join(" "))));
            }
        }
    }
    all
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

    fn judge(command: &str) -> Vec<String> {
        let workspace = Workspace {
            packages: vec![Package {
                name: "examples".into(),
                features: Vec::new(),
                targets: vec![("bin".into(), "shop".into()), ("example".into(), "hello".into())],
            }],
            ..Workspace::default()
        };
        let tree = Tree::of(&[("README.md", &format!("```sh\n{command}\n```\n"))]);
        findings(&tree, &workspace).into_iter().map(|finding| finding.message).collect()
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
            assert_eq!(judge(command), [""; 0], "{command}");
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
            assert_eq!(judge(command).len(), 1, "{command}");
        }
    }
}
