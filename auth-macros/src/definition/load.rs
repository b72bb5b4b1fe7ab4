//! From a literal to the file that it names.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use syn::LitStr;

use crate::definition::node::Node;
use crate::definition::{Definition, api_export, declares};

/// Reads what the program's own literal names with what is to be made of it; with that comes where it is.
///
/// # Errors
/// What is wrong, with the path as it is written: where it is on this machine is nobody else's.
pub(crate) fn load<T>(
    literal: &LitStr,
    read_as: impl FnOnce(&Node) -> Result<T, String>,
) -> Result<(T, PathBuf), String> {
    let path = located(literal)?;
    let made = read(&path).and_then(|text| read_as(&Node::parse(&text)?));
    Ok((made.map_err(|why| format!("{:?}: {why}", literal.value()))?, path))
}

/// Beside the file that the literal stands in, as `include_str!` has it; or else in the crate's folder.
fn located(literal: &LitStr) -> Result<PathBuf, String> {
    let written = literal.value();
    if written.trim().is_empty() {
        return Err("the path of a definition cannot be empty: write `from \"products.openapi.yaml\"`".into());
    }
    let beside = proc_macro::is_available().then(|| literal.span().unwrap().local_file()).flatten();
    let beside = beside.as_deref().and_then(Path::parent).map(Path::to_owned);
    let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let tried = beside.into_iter().chain(crate_folder).map(|folder| folder.join(&written));
    // rustc may name a file from its own working directory, and `include_bytes!` reads from another.
    let found = tried.filter_map(|path| std::path::absolute(path).ok()).find(|path| path.is_file());
    found.ok_or_else(|| {
        format!("there is no file {written:?}, neither beside this one nor in the folder of the crate's Cargo.toml")
    })
}

pub(super) fn read(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("it cannot be read: {error}");
    let mut text = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    // Whatever its length is said to be.
    file.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_BYTES {
        return Err("it is larger than 4 MiB: write the scopes inline, or a smaller document".into());
    }
    String::from_utf8(text).map_err(|_| "it is no UTF-8: expected YAML or JSON".into())
}

/// What a document declares, whichever of the two it is.
pub(crate) fn definition(document: &Node) -> Result<Definition, String> {
    let definition = if document.member("openapi").is_some() {
        declares::read(document)
    } else if document.member("swagger").is_some() {
        Err(SWAGGER.into())
    } else {
        api_export::read(document)
    }?;
    match definition.scopes.len() {
        0 => Err("it declares no scope".into()),
        1..=MAX_SCOPES => Ok(definition),
        more => Err(format!("it declares {more} scopes, more than {MAX_SCOPES}")),
    }
}

pub(super) const SWAGGER: &str = "it is of OpenAPI 2.0: expected OpenAPI 3.0 or 3.1";
pub(super) const MAX_BYTES: u64 = 4 * 1024 * 1024;
const MAX_SCOPES: usize = 1_024;
