//! `cargo xtask features`: `auth-layer` compiles without a warning for every user's choice of features.

use crate::metadata::Workspace;
use crate::process;

const PACKAGE: &str = "auth-layer";

/// Checks the library with no feature, with each alone, and with all.
pub(crate) fn run() -> Result<(), String> {
    let workspace = Workspace::read()?;
    let package =
        workspace.package(PACKAGE).ok_or_else(|| format!("no package {PACKAGE} in this workspace"))?;
    let mut failed = Vec::new();
    for choice in choices(&package.features) {
        // Clippy's own `-D` reaches our crates only; RUSTFLAGS would rebuild every dependency.
        let mut command = process::cargo(&["clippy", "--quiet", "--package", PACKAGE, "--lib"]);
        command.args(&choice).args(["--", "-D", "warnings"]);
        if process::run(command).is_err() {
            failed.push(choice.join(" "));
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("{PACKAGE} fails or warns with: {}", failed.join("; ")))
    }
}

fn choices(features: &[String]) -> Vec<Vec<String>> {
    let none = "--no-default-features".to_owned();
    let each = features
        .iter()
        .filter(|feature| *feature != "default")
        .map(|feature| vec![none.clone(), "--features".into(), feature.clone()]);
    let mut all = vec![vec![none.clone()]];
    all.extend(each);
    all.push(vec!["--all-features".into()]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_stands_alone_once_between_none_and_all() {
        let features = ["axum".to_owned(), "default".to_owned(), "metrics".to_owned()];
        let lines: Vec<String> = choices(&features).iter().map(|choice| choice.join(" ")).collect();
        assert_eq!(
            lines,
            [
                "--no-default-features",
                "--no-default-features --features axum",
                "--no-default-features --features metrics",
                "--all-features"
            ]
        );
    }
}
