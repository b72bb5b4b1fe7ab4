//! All rules over the whole tree.

use super::finding::Finding;
use super::source::Tree;
use super::{commands, evidence, floors, invariants, links, shape};
use crate::metadata::Workspace;
use crate::workspace;

/// Reads the tree and prints every finding as `file:line: message`.
///
/// # Errors
/// When there is a finding, or the tree cannot be read.
pub(crate) fn run() -> Result<(), String> {
    let tree = Tree::read(&workspace::root(), workspace::files()?)?;
    let workspace = Workspace::read()?;
    let findings = findings(&tree, &workspace);
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => {
            println!(
                "tidy: {} Rust files and {} documents, no finding",
                tree.rust.len(),
                tree.documents.len()
            );
            Ok(())
        }
        1 => Err("tidy: 1 finding".into()),
        many => Err(format!("tidy: {many} findings")),
    }
}

fn findings(tree: &Tree, workspace: &Workspace) -> Vec<Finding> {
    let mut all = tree.unparsed.clone();
    all.extend(shape::findings(tree));
    all.extend(floors::findings(tree));
    all.extend(invariants::findings(tree));
    all.extend(commands::findings(tree, workspace));
    all.extend(links::findings(tree));
    all.extend(evidence::findings(tree));
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_of_rules_is_asked() {
        let tree = Tree::of(&[
            ("auth-layer/src/lib.rs", "//! Root.\n"),
            ("auth-layer/src/scope.rs", "//! Scopes.\nuse crate::gate::Rejection;\n"),
            ("auth-layer/src/gate/mod.rs", "//! Gate.\n"),
            ("auth-layer/src/identifier.rs", "//! Names.\nfn now() { std::time::SystemTime::now(); }\n"),
            ("auth-layer/src/secret.rs", "fn no_first_line() {}\n"),
            ("auth-layer/src/clock.rs", "//! A clock.\nfn (\n"),
            ("README.md", "[gone](gone.md)\n```sh\ncargo xtask no-such-command\n```\n"),
            ("docs/security.md", "| line | test |\n|---|---|\n| x | `a_test_that_is_not_there` |\n"),
        ]);
        let findings = findings(&tree, &Workspace::default());
        let places: Vec<(&str, usize)> =
            findings.iter().map(|finding| (finding.path.as_str(), finding.line)).collect();
        assert_eq!(
            places,
            [
                ("README.md", 1),
                ("README.md", 3),
                ("auth-layer/src/clock.rs", 2),
                ("auth-layer/src/identifier.rs", 2),
                ("auth-layer/src/scope.rs", 2),
                ("auth-layer/src/secret.rs", 1),
                ("docs/security.md", 3),
            ]
        );
    }
}
