//! Secret texts that share the buffer they were read from: the tokens of one opened session.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::secret::bytes::SecretBytes;
#[cfg(feature = "testing")]
use crate::secret::value::Secret;

/// A secret text, of its own or part of a larger buffer.
///
/// A copy costs one reference count; the memory is overwritten when the last one goes.
#[derive(Clone)]
pub(crate) struct SecretText {
    buffer: Arc<SecretBytes>,
    range: Range<usize>,
}

impl SecretText {
    /// Takes a text over.
    pub(crate) fn new(text: String) -> Self {
        let range = 0..text.len();
        Self { buffer: Arc::new(SecretBytes::new(text.into_bytes())), range }
    }

    /// The text `part`, which was borrowed from `buffer`; nothing is copied.
    ///
    /// A part of anything else is copied, so that no mistake of a caller's can show other bytes.
    pub(crate) fn part_of(buffer: &Arc<SecretBytes>, part: &[u8]) -> Self {
        let start = part.as_ptr().addr().checked_sub(buffer.as_ptr().addr());
        let range = start.and_then(|start| Some(start..start.checked_add(part.len())?));
        match range.filter(|range| range.end <= buffer.len()) {
            Some(range) => Self { buffer: Arc::clone(buffer), range },
            None => Self { buffer: Arc::new(SecretBytes::new(part.to_vec())), range: 0..part.len() },
        }
    }

    /// Returns the text itself; whoever calls this answers for where it goes.
    ///
    /// What came from under our seal was a text when it was sealed; anything else reads as empty.
    pub(crate) fn expose(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// As [`SecretText::expose`], for what takes bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.buffer[self.range.clone()]
    }

    /// Compares in constant time (for equal lengths).
    pub(crate) fn ct_eq(&self, other: &[u8]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.as_bytes(), other).is_ok()
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

#[cfg(feature = "testing")]
impl From<&Secret<String>> for SecretText {
    fn from(secret: &Secret<String>) -> Self {
        Self::from(secret.expose().as_str())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_buffer_are_shared_and_parts_of_others_are_copied() {
        let buffer = Arc::new(SecretBytes::new(b"access refresh".to_vec()));
        let shared = SecretText::part_of(&buffer, &buffer[7..]);
        assert_eq!((shared.expose(), Arc::strong_count(&buffer)), ("refresh", 2));
        let copied = SecretText::part_of(&buffer, b"other");
        assert_eq!((copied.expose(), Arc::strong_count(&buffer)), ("other", 2));
        assert_eq!(SecretText::part_of(&buffer, b"").expose(), "");
        assert_eq!(format!("{shared:?}"), "SecretText(..)");
    }
}
