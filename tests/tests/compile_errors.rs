//! What the macros refuse and what they accept, each a file under `ui/`.
//!
//! `cargo xtask bless` writes the `.stderr` files anew; read what it wrote.

use std::path::{Path, PathBuf};

#[test]
fn what_is_wrong_is_refused_where_it_stands_and_what_is_right_compiles() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*/*.rs");
    cases.compile_fail("ui/fail/*/*.rs");
}

/// trybuild lets a case without a `.stderr` pass as work in progress, and finds no fault with a
/// pattern that matches nothing.
#[test]
fn no_case_is_skipped_silently() {
    if is_blessing() {
        return;
    }
    let fail = files("fail");
    let cases: Vec<&PathBuf> =
        fail.iter().filter(|file| file.extension().is_some_and(|it| it == "rs")).collect();
    assert!(cases.len() >= 70, "{} cases that fail", cases.len());
    assert!(files("pass").len() >= 14, "{:?}", files("pass"));
    for case in &cases {
        assert!(
            case.with_extension("stderr").exists(),
            "{} has no .stderr: cargo xtask bless",
            case.display()
        );
        let source = std::fs::read_to_string(case).unwrap_or_default();
        assert!(source.contains("right"), "{} holds no right line beside the wrong one", case.display());
    }
    assert_eq!(fail.len(), 2 * cases.len(), "a .stderr without its case");
}

/// Names that are for the macros alone have no place in an error.
#[test]
fn no_error_names_what_is_private() {
    if is_blessing() {
        return;
    }
    for file in files("fail").iter().filter(|file| file.extension().is_some_and(|it| it == "stderr")) {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        for private in ["__private", "__Auth", "__auth", "Guard<", "UnknownScope", "Nothing", "Refused"] {
            assert!(!text.contains(private), "{} names {private}", file.display());
        }
    }
}

/// Whether the files are being written, at the same time.
fn is_blessing() -> bool {
    std::env::var_os("TRYBUILD").is_some()
}

fn files(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui").join(kind);
    let folders = std::fs::read_dir(root).into_iter().flatten().flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten());
    files.map(|file| file.path()).collect()
}
