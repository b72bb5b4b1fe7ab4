//! Links in the documents: what they point at inside the repository exists.

use super::finding::Finding;
use super::markdown;
use super::source::Tree;

/// Every link to a file or folder that is not in the tree.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut all = Vec::new();
    for document in &tree.documents {
        for (line, target) in markdown::targets(&document.text) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || is_elsewhere(target) {
                continue;
            }
            let found = from(&document.path, path).is_some_and(|path| exists(tree, &path));
            if !found {
                all.push(Finding::new(&document.path, line, format!("`{path}` is not in the tree")));
            }
        }
    }
    all
}

/// A link to the web, or one that rustdoc resolves.
fn is_elsewhere(target: &str) -> bool {
    target.contains("://") || target.starts_with("mailto:") || target.contains("::")
}

/// Joins the folder of a document and a relative path; `None` leaves the repository.
fn from(document: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    if path.starts_with('/') {
        parts.clear();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn exists(tree: &Tree, path: &str) -> bool {
    let folder = format!("{path}/");
    path.is_empty()
        || tree.paths.contains(path)
        || tree.paths.range(folder.clone()..).next().is_some_and(|next| next.starts_with(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_file_that_is_gone_is_refused() {
        let files = [
            (
                "docs/a.md",
                "[x](b.md) [x](../README.md#top) [x](../auth-layer/src) [x](#here) [x](https://a.example/b)\n",
            ),
            ("docs/b.md", "[x](c.md)\n![x](../../outside.png)\n[x](../auth-layer/sr)\n"),
            ("README.md", "[x](docs/a.md \"title\") [x](./docs/)\n[x](a.md)\n"),
            ("auth-layer/src/lib.rs", "//! L.\n"),
        ];
        let found: Vec<String> = findings(&Tree::of(&files)).iter().map(Finding::to_string).collect();
        assert_eq!(
            found,
            [
                "docs/b.md:1: `c.md` is not in the tree",
                "docs/b.md:2: `../../outside.png` is not in the tree",
                "docs/b.md:3: `../auth-layer/sr` is not in the tree",
                "README.md:2: `a.md` is not in the tree",
            ]
        );
    }
}
