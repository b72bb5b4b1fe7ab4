//! Base64url, digests and random values: the alphabet of every token here.

use aws_lc_rs::{constant_time, digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns `bytes` in base64url without padding (RFC 7515 §2).
pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the bytes of a base64url text, or nothing where it is not one.
pub(super) fn base64url_bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Returns the SHA-256 digest of `bytes`.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut output = [0; 32];
    output.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    output
}

/// Returns a new value of 256 random bits, in base64url.
///
/// # Panics
/// Where the system has no random source; no provider can be honest without one.
pub(super) fn random() -> String {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).expect("the system's random source answers");
    base64url(bytes)
}

/// Returns whether two secrets are equal, in a time that tells nothing of either.
pub(super) fn secrets_are_equal(one: &str, other: &str) -> bool {
    // The digests have one length, so that a secret's own length does not show either.
    constant_time::verify_slices_are_equal(&sha256(one.as_bytes()), &sha256(other.as_bytes())).is_ok()
}
