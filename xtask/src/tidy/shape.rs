//! Shape of a file: its length, its first line, its name, and what must not be left in it.

use super::finding::Finding;
use super::source::{RustFile, Tree, is_specimen};

/// Lines in a file, tests included.
const LONGEST: usize = 400;

/// Names that say nothing of what is inside.
const NAMELESS: [&str; 7] =
    ["prelude.rs", "utils.rs", "util.rs", "helpers.rs", "helper.rs", "common.rs", "misc.rs"];

const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// What a comment must not say; written apart, so that this file does not say it.
const LATER: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Every file out of shape.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    tree.rust
        .iter()
        .flat_map(|file| {
            let mut all = Vec::new();
            all.extend(too_long(file));
            all.extend(nameless(file));
            all.extend(without_first_line(file));
            all.extend(unfinished(file));
            all.extend(put_off(file));
            all.extend(logic_in_an_essay(file));
            all
        })
        .collect()
}

fn too_long(file: &RustFile) -> Option<Finding> {
    let lines = file.text.lines().count();
    (lines > LONGEST).then(|| {
        Finding::new(
            &file.path,
            LONGEST + 1,
            format!("{lines} lines, at most {LONGEST}: one idea a file, split it"),
        )
    })
}

fn nameless(file: &RustFile) -> Option<Finding> {
    NAMELESS.contains(&file.name()).then(|| Finding::new(&file.path, 1, "name the file after what is in it"))
}

fn without_first_line(file: &RustFile) -> Option<Finding> {
    let first = file.text.lines().next().unwrap_or_default();
    let says_what_it_is = first.strip_prefix("//!").is_some_and(|rest| !rest.trim().is_empty());
    (!says_what_it_is && !is_specimen(&file.path) && !file.path.ends_with("build.rs"))
        .then(|| Finding::new(&file.path, 1, "the first line says what the file is: `//! A noun phrase.`"))
}

fn unfinished(file: &RustFile) -> Vec<Finding> {
    let macros = file.syntax.macros.iter().filter(|name| UNFINISHED.contains(&name.what.as_str()));
    let macros = macros
        .map(|name| Finding::new(&file.path, name.line, format!("`{}!` is unfinished work", name.what)));
    let ignored = file.syntax.attributes.iter().filter(|name| name.what == "ignore");
    let ignored = ignored.map(|name| {
        Finding::new(&file.path, name.line, "an ignored test tests nothing: run it or delete it")
    });
    macros.chain(ignored).filter(|_| !is_specimen(&file.path)).collect()
}

fn put_off(file: &RustFile) -> Vec<Finding> {
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(at, line)| {
            let (_, comment) = line.split_once("//")?;
            let mut words = comment.split(|c: char| !c.is_ascii_alphanumeric());
            let word = words.find(|word| LATER.contains(word))?;
            Some(Finding::new(&file.path, at + 1, format!("`{word}`: do it, or file an issue")))
        })
        .collect()
}

/// A `mod.rs`, and the library's root, is an essay and a table of contents.
fn logic_in_an_essay(file: &RustFile) -> Vec<Finding> {
    if file.name() != "mod.rs" && file.path != "auth-layer/src/lib.rs" || is_specimen(&file.path) {
        return Vec::new();
    }
    let logic = file.syntax.logic.iter();
    logic
        .map(|item| {
            let why =
                format!("`{}` in {}: no logic there, give it a file of its own", item.what, file.name());
            Finding::new(&file.path, item.line, why)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        findings(&Tree::of(&[(path, text)]))
            .into_iter()
            .map(|finding| (finding.line, finding.message))
            .collect()
    }

    #[track_caller]
    fn refused(path: &str, text: &str, line: usize, says: &str) {
        let found = found(path, text);
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        assert!(found[0].0 == line && found[0].1.contains(says), "{path}: {found:?}");
    }

    #[track_caller]
    fn allowed(path: &str, text: &str) {
        assert_eq!(found(path, text), [], "{path}");
    }

    #[test]
    fn a_file_has_400_lines_and_not_401() {
        allowed("a/src/b.rs", &format!("//! B.\n{}", "\n".repeat(399)));
        refused("a/src/b.rs", &format!("//! B.\n{}", "\n".repeat(400)), 401, "401 lines");
    }

    #[test]
    fn a_file_says_what_it_is_in_its_first_line() {
        for text in ["fn f() {}\n", "\n//! Late.\n", "//!\n//! Late.\n", "// Plain.\n", ""] {
            refused("tests/tests/behaviour/login.rs", text, 1, "first line");
        }
        allowed("tests/ui/fail/scopes/unknown.rs", "fn main() {}\n");
    }

    #[test]
    fn a_name_that_says_nothing_is_refused() {
        refused("a/src/utils.rs", "//! U.\n", 1, "name the file");
        refused("a/src/prelude.rs", "//! P.\n", 1, "name the file");
        allowed("a/src/helpful.rs", "//! H.\n");
    }

    #[test]
    fn unfinished_work_is_refused_wherever_it_hides() {
        refused("a/src/b.rs", "//! B.\nfn f() { todo!() }\n", 2, "todo!");
        refused("a/src/b.rs", "//! B.\nfn f() { unimplemented!(\"x\") }\n", 2, "unimplemented!");
        refused("a/src/b.rs", "//! B.\nfn f() { vec![dbg!(1)]; }\n", 2, "dbg!");
        refused("a/src/b.rs", "//! B.\n#[test]\n#[ignore = \"slow\"]\nfn f() {}\n", 3, "ignored test");
        refused("a/src/b.rs", concat!("//! B.\n// TO", "DO: later\n"), 2, "file an issue");
        allowed("a/src/b.rs", concat!("//! B.\nconst A: &str = \"todo!() TO", "DO\"; // TO", "DOS\n"));
    }

    #[test]
    fn an_essay_holds_no_logic() {
        refused("a/src/b/mod.rs", "//! B.\nmod c;\nfn f() {}\n", 3, "fn f");
        refused("auth-layer/src/lib.rs", "//! L.\nimpl A {}\n", 2, "impl");
        allowed("a/src/b/mod.rs", "//! B.\nmod c;\npub use c::C;\n#[cfg(test)]\nmod tests { fn f() {} }\n");
        allowed("auth-macros/src/lib.rs", "//! L.\npub fn require_auth() {}\n");
    }
}
