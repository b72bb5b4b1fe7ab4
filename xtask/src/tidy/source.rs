//! The tree as the rules see it: Rust files with what they name, documents, and every path.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::finding::Finding;
use super::resolve;
use super::syntax::{self, Syntax};

/// Where the floors are.
pub(crate) const LIBRARY: &str = "auth-layer/src/";

/// Everything that is checked.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) rust: Vec<RustFile>,
    pub(crate) documents: Vec<Document>,
    pub(crate) paths: BTreeSet<String>,
    /// What `auth-layer/src/lib.rs` re-exports: the name and where it comes from.
    pub(crate) root_exports: HashMap<String, Vec<String>>,
    pub(crate) unparsed: Vec<Finding>,
}

/// A Rust file.
#[derive(Debug)]
pub(crate) struct RustFile {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) syntax: Syntax,
    /// Compiled for tests only: declared by a `#[cfg(test)] mod`, or below such a file.
    pub(crate) is_test: bool,
}

/// A Markdown file.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Tree {
    /// Reads the files of a work tree.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn read(root: &Path, paths: Vec<String>) -> Result<Self, String> {
        let mut files = Vec::new();
        for path in paths {
            let is_text = path.ends_with(".rs") || path.ends_with(".md");
            let text = if is_text {
                std::fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?
            } else {
                String::new()
            };
            files.push((path, text));
        }
        Ok(Self::build(files))
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self::build(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    fn build(files: Vec<(String, String)>) -> Self {
        let mut tree =
            Self { paths: files.iter().map(|(path, _)| path.clone()).collect(), ..Self::default() };
        for (path, text) in files {
            if path.ends_with(".md") {
                tree.documents.push(Document { path, text });
            } else if path.ends_with(".rs") {
                let syntax = syntax::read(&text).unwrap_or_else(|(line, why)| {
                    // A file that must not compile may also not parse.
                    if !is_specimen(&path) {
                        tree.unparsed.push(Finding::new(&path, line, format!("does not parse: {why}")));
                    }
                    Syntax::default()
                });
                tree.rust.push(RustFile { path, text, syntax, is_test: false });
            }
        }
        tree.mark_test_files();
        let root = tree.rust.iter().find(|file| file.path == "auth-layer/src/lib.rs");
        tree.root_exports = root.map(resolve::exports).unwrap_or_default();
        tree
    }

    /// The files of `auth-layer/src` except its root.
    pub(crate) fn library(&self) -> impl Iterator<Item = &RustFile> {
        self.rust.iter().filter(|file| file.path.starts_with(LIBRARY) && file.path != "auth-layer/src/lib.rs")
    }

    fn mark_test_files(&mut self) {
        let stems: Vec<String> = self
            .rust
            .iter()
            .flat_map(|file| {
                let folder = file.folder_of_children();
                let modules =
                    file.syntax.modules.iter().filter(|module| module.in_test && module.inside.is_empty());
                modules.map(move |module| format!("{folder}{}", module.name)).collect::<Vec<_>>()
            })
            .collect();
        for file in &mut self.rust {
            file.is_test = stems.iter().any(|stem| {
                file.path
                    .strip_prefix(stem.as_str())
                    .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            });
        }
    }
}

impl RustFile {
    /// The names of the modules that lead to this file of `auth-layer/src`.
    pub(crate) fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix(LIBRARY).unwrap_or(&self.path);
        let stem = inside.strip_suffix(".rs").unwrap_or(inside);
        let mut module: Vec<String> = stem.split('/').map(str::to_owned).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        module
    }

    /// The first name of [`Self::module`]: the room of this file of `auth-layer/src`.
    pub(crate) fn room(&self) -> String {
        self.module().into_iter().next().unwrap_or_default()
    }

    /// The path below `auth-layer/src/`.
    pub(crate) fn in_library(&self) -> &str {
        self.path.strip_prefix(LIBRARY).unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    fn folder_of_children(&self) -> String {
        let stem = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let own_folder = matches!(self.name(), "mod.rs" | "lib.rs" | "main.rs");
        match stem.rsplit_once('/') {
            Some((folder, _)) if own_folder => format!("{folder}/"),
            _ => format!("{stem}/"),
        }
    }
}

/// Tells whether a file is what a test shows to the compiler or prints, rather than code of ours.
pub(crate) fn is_specimen(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "ui" | "snapshots" | "expansions"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_below_a_test_module_is_a_test_file() {
        let tree = Tree::of(&[
            ("auth-layer/src/testing/mod.rs", "//! T.\nmod server;\n#[cfg(test)]\nmod tests;\n"),
            ("auth-layer/src/testing/server.rs", "//! S.\n"),
            ("auth-layer/src/testing/tests.rs", "//! T.\nmod code;\n"),
            ("auth-layer/src/testing/tests/code.rs", "//! C.\n"),
            ("auth-layer/src/session/cookie.rs", "//! C.\n#[cfg(test)]\nmod tests;\n"),
            ("auth-layer/src/session/cookie/tests.rs", "//! T.\n"),
            ("auth-layer/src/session/tests_of_others.rs", "//! T.\n"),
        ]);
        let tests: Vec<&str> =
            tree.rust.iter().filter(|file| file.is_test).map(RustFile::in_library).collect();
        assert_eq!(tests, ["testing/tests.rs", "testing/tests/code.rs", "session/cookie/tests.rs"]);
    }

    #[test]
    fn only_a_specimen_may_fail_to_parse() {
        let tree = Tree::of(&[("tests/ui/fail/a.rs", "fn ("), ("tests/src/lib.rs", "//! L.\n\nfn (")]);
        assert_eq!(tree.unparsed.len(), 1);
        assert_eq!((tree.unparsed[0].path.as_str(), tree.unparsed[0].line), ("tests/src/lib.rs", 3));
    }
}
