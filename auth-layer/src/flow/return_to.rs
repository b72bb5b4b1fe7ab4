//! Where a user goes after login or logout: to this site, or to an origin that was allowed.

use url::Url;

use crate::config::BaseUrl;

/// Returns the absolute address behind `wanted`, or nothing where it would leave the site.
///
/// # Attacks
/// Open redirectors (RFC 9700 §4.11): the address is resolved as a browser resolves it, and its
/// origin is compared after that, so that `//evil`, `/\evil`, `https:evil` and tabs within are seen
/// for what they are.
/// What two parsers could read in two ways (backslashes, control characters) is refused before.
pub(crate) fn resolve(wanted: &str, base: &BaseUrl, allowed_origins: &[String]) -> Option<Url> {
    let ambiguous = |byte: u8| byte < b'!' || byte == b'\\' || byte >= 0x7f;
    if wanted.is_empty() || wanted.len() > MAX_BYTES || wanted.bytes().any(ambiguous) {
        return None;
    }
    let resolved = base.url().join(wanted).ok()?;
    // Judged once dots are resolved, and as long as it is then: it has to fit into a cookie.
    if is_veiled(resolved.path()) || resolved.as_str().len() > MAX_BYTES {
        return None;
    }
    if !resolved.username().is_empty() || resolved.password().is_some() {
        return None;
    }
    let origin = resolved.origin().ascii_serialization();
    let relative = wanted.starts_with('/') && !wanted.starts_with("//");
    let same_site = origin == base.origin() && (relative || wanted.starts_with(base.origin()));
    let allowed = wanted.starts_with("https://") && allowed_origins.contains(&origin);
    (same_site || allowed).then_some(resolved)
}

/// A second slash, plain or encoded, a backslash or a control character at the start of a path:
/// harmless to us, and read as `//evil` by whoever takes the path apart once more.
fn is_veiled(path: &str) -> bool {
    let start: String = path.chars().take(4).collect::<String>().to_ascii_lowercase();
    ["//", "/%2f", "/%5c", "/%09", "/%0a", "/%0d", "/%25"].iter().any(|veil| start.starts_with(veil))
}

const MAX_BYTES: usize = 2_048;
