//! The material of a session key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::config::error::ConfigError;
use crate::secret::Secret;

/// At least 32 bytes that only the application knows.
#[derive(Clone, Debug)]
pub(crate) struct SessionKey(Secret<Vec<u8>>);

impl SessionKey {
    /// Reads hexadecimal, base64, or any text of 32 characters or more, in this order.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let text = text.trim();
        let unpadded = text.trim_end_matches('=');
        let bytes = decode_hex(text)
            .or_else(|| URL_SAFE_NO_PAD.decode(unpadded).ok())
            .or_else(|| STANDARD_NO_PAD.decode(unpadded).ok())
            .filter(|bytes| bytes.len() >= MIN_BYTES)
            .unwrap_or_else(|| text.as_bytes().to_vec());
        if bytes.len() < MIN_BYTES {
            let why = format!("has {} characters and needs 32", text.chars().count());
            return Err(ConfigError::wrong_secret("a session key", &why, FIX));
        }
        Ok(Self::from_bytes(bytes))
    }

    pub(crate) const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Secret::new(bytes))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

pub(crate) const FIX: &str = "set it to the output of `openssl rand -hex 32`";
const MIN_BYTES: usize = 32;
