//! Evidence: the tests that docs/security.md names in the last column of its tables exist.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::markdown;
use super::source::Tree;

const DOCUMENT: &str = "docs/security.md";

/// Every named test that is no function of the tree.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let Some(document) = tree.documents.iter().find(|document| document.path == DOCUMENT) else {
        return Vec::new();
    };
    let functions: BTreeSet<&str> = tree
        .rust
        .iter()
        .flat_map(|file| &file.syntax.functions)
        .map(|function| function.what.as_str())
        .collect();
    let mut all = Vec::new();
    for (line, cell) in markdown::last_cells(&document.text) {
        for test in markdown::code_spans(cell).filter_map(name_of_a_test) {
            if !functions.contains(test) {
                all.push(Finding::new(DOCUMENT, line, format!("no test `{test}` in the tree")));
            }
        }
    }
    all
}

/// `some_name` in `some_name`, `module::some_name` and `module::some_name()`.
fn name_of_a_test(span: &str) -> Option<&str> {
    let name = span.trim_end_matches("()").rsplit("::").next()?;
    let is_name = name.contains('_')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_does_not_exist_is_refused() {
        let document = "A `name_in_prose`.\n| line | `the_test` |\n|---|---|\n| `wire_name` | `id_token::alg_none`, `gone_since` |\n\
                        | b | `in_an_impl()`, `in_a_macro` |\n| c | `tests/ui/fail` |\n";
        let code = "//! T.\nmod m { #[test] fn alg_none() {} }\nimpl S { fn in_an_impl() {} }\nproptest! { #[test] fn in_a_macro(a in 0..9) {} }\n// fn gone_since()\n";
        let tree = Tree::of(&[(DOCUMENT, document), ("tests/tests/a.rs", code)]);
        let found: Vec<String> = findings(&tree).iter().map(Finding::to_string).collect();
        assert_eq!(found, ["docs/security.md:4: no test `gone_since` in the tree"]);
    }
}
