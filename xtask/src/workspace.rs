//! The work tree: its root and the files that git tracks or would track.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the directory of the workspace's Cargo.toml.
pub(crate) fn root() -> PathBuf {
    // Asked at run time first: a clone that was moved after the build still finds itself.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = Path::new(&here);
    here.parent().unwrap_or(here).to_owned()
}

/// Returns the paths, relative to the root, of every file that is tracked, or new and not ignored.
///
/// # Errors
/// When git is missing or this is no work tree.
pub(crate) fn files() -> Result<Vec<String>, String> {
    let root = root();
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .map_err(|error| format!("git did not start ({error}): install git"))?;
    if !listed.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr).trim()));
    }
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut files: Vec<String> =
        names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    // A file that is deleted but not yet committed is still listed.
    files.retain(|name| root.join(name).exists());
    files.sort();
    files.dedup();
    Ok(files)
}
