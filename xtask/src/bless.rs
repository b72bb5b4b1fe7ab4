//! `cargo xtask bless`: accepts what the compiler and the macros print now; read the diff before you commit it.

use crate::process;

pub(crate) fn run() -> Result<(), String> {
    // The same features as in `cargo xtask test`, so that nothing is built twice.
    let mut errors = process::cargo(&["test", "--workspace", "--all-features", "--test", "compile_errors"]);
    errors.env("TRYBUILD", "overwrite");
    process::run(errors)?;
    let mut snapshots = process::cargo(&["test", "--package", "auth-macros"]);
    snapshots.env("INSTA_UPDATE", "always");
    process::run(snapshots)?;
    println!("accepted; `git diff` shows what changed");
    Ok(())
}
