//! What a path means: through the `use` lines of its own file and the re-exports of the crate's root.

use std::collections::HashMap;

use super::source::{RustFile, Tree};
use super::syntax::Named;

/// Where a path of `auth-layer/src` leads.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Target {
    /// Into this crate; the names after `crate`.
    Here(Vec<String>),
    /// Into another crate, or to a name that no `use` of this module brings.
    Elsewhere(Vec<String>),
}

/// How often a name may stand for another: enough for code, too few for a loop.
const DEPTH: usize = 4;

/// Resolves a path that stands in a file of `auth-layer/src`.
pub(crate) fn resolve(tree: &Tree, file: &RustFile, path: &Named<Vec<String>>) -> Target {
    match within(file, &path.what, &path.inside, DEPTH) {
        Target::Here(path) => Target::Here(through_root(tree, path)),
        elsewhere => elsewhere,
    }
}

/// Returns what the root of the crate re-exports.
pub(crate) fn exports(root: &RustFile) -> HashMap<String, Vec<String>> {
    let imports = root.syntax.imports.iter().filter(|((inside, _), _)| inside.is_empty());
    imports
        .filter_map(|((_, name), path)| match within(root, path, &[], DEPTH) {
            Target::Here(path) => Some((name.clone(), path)),
            Target::Elsewhere(_) => None,
        })
        .collect()
}

fn through_root(tree: &Tree, path: Vec<String>) -> Vec<String> {
    match path.split_first() {
        Some((first, rest)) => match tree.root_exports.get(first) {
            Some(origin) => origin.iter().chain(rest).cloned().collect(),
            None => path,
        },
        None => path,
    }
}

fn within(file: &RustFile, path: &[String], inside: &[String], depth: usize) -> Target {
    let Some((first, rest)) = path.split_first() else { return Target::Elsewhere(Vec::new()) };
    let mut here: Vec<String> = file.module();
    here.extend_from_slice(inside);
    match first.as_str() {
        "crate" => return Target::Here(rest.to_vec()),
        "" => return Target::Elsewhere(rest.to_vec()),
        "self" | "super" => {
            let mut rest = path;
            while let Some((first, after)) = rest.split_first() {
                match first.as_str() {
                    "self" => {}
                    "super" => {
                        here.pop();
                    }
                    _ => break,
                }
                rest = after;
            }
            here.extend_from_slice(rest);
            return Target::Here(here);
        }
        _ => {}
    }
    let import = file.syntax.imports.get(&(inside.to_vec(), first.clone()));
    if let Some(origin) = import.filter(|origin| depth > 0 && origin.first() != Some(first)) {
        let full: Vec<String> = origin.iter().chain(rest).cloned().collect();
        return within(file, &full, inside, depth - 1);
    }
    if file.syntax.modules.iter().any(|module| module.inside == inside && module.name == *first) {
        here.extend_from_slice(path);
        return Target::Here(here);
    }
    Target::Elsewhere(path.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resolves the last path of a file `refresh/commit.rs`.
    fn last(text: &str) -> String {
        let tree = Tree::of(&[
            ("auth-layer/src/lib.rs", "//! L.\nmod secret;\npub use secret::Secret;\n"),
            ("auth-layer/src/refresh/commit.rs", text),
        ]);
        let file = tree.library().next().expect("one file");
        let path = file.syntax.paths.last().expect("the text names something");
        match resolve(&tree, file, path) {
            Target::Here(path) => format!("crate::{}", path.join("::")),
            Target::Elsewhere(path) => path.join("::"),
        }
    }

    #[test]
    fn a_path_is_followed_to_where_it_leads() {
        for (text, expected) in [
            ("use crate::flow::Sessions;", "crate::flow::Sessions"),
            ("use super::decide::Wanted;", "crate::refresh::decide::Wanted"),
            ("use super::super::flow::Sessions;", "crate::flow::Sessions"),
            ("mod inner { use super::super::super::flow::Sessions; }", "crate::flow::Sessions"),
            ("use crate::flow; type T = flow::Sessions;", "crate::flow::Sessions"),
            ("use crate::flow as f; type T = f::sessions::Loaded;", "crate::flow::sessions::Loaded"),
            ("use std::time::SystemTime as S; fn f() { S::now() }", "std::time::SystemTime::now"),
            (
                "use std::time; use time::SystemTime; fn f() { SystemTime::now() }",
                "std::time::SystemTime::now",
            ),
            ("use crate::Secret;", "crate::secret::Secret"),
            ("use ::http::Response;", "http::Response"),
            ("mod http; use http::Response;", "crate::refresh::commit::http::Response"),
            ("use http; type T = http::Response;", "http::Response"),
            ("use self::a::B;", "crate::refresh::commit::a::B"),
        ] {
            assert_eq!(last(text), expected, "{text}");
        }
    }
}
