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
    if wanted.is_empty() || wanted.len() > MAX_BYTES || wanted.bytes().any(ambiguous) || is_veiled(wanted) {
        return None;
    }
    let resolved = base.url().join(wanted).ok()?;
    if !resolved.username().is_empty() || resolved.password().is_some() {
        return None;
    }
    let origin = resolved.origin().ascii_serialization();
    let relative = wanted.starts_with('/') && !wanted.starts_with("//");
    let same_site = origin == base.origin() && (relative || wanted.starts_with(base.origin()));
    let allowed = wanted.starts_with("https://") && allowed_origins.contains(&origin);
    (same_site || allowed).then_some(resolved)
}

/// Encoded slashes, backslashes and control characters at the start: harmless to us, and read as
/// `//evil` by a proxy that decodes once more.
fn is_veiled(wanted: &str) -> bool {
    let start: String = wanted.chars().take(16).collect::<String>().to_ascii_lowercase();
    start.starts_with('/')
        && ["/%2f", "/%5c", "/%09", "/%0a", "/%0d", "/%25"].iter().any(|veil| start.starts_with(veil))
}

const MAX_BYTES: usize = 2_048;
