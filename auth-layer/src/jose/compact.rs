//! A compact JWS (RFC 7515 §7.1) that has been taken apart, and not been verified.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use crate::jose::algorithm::Algorithm;
use crate::jose::base64url::{decode, decode_onto, most_bytes};
use crate::jose::error::{Stage, VerifyError};
use crate::jose::header::Header;
use crate::jose::json::parse_strict;

/// A token whose form is good. Nothing in it is believed before a key has checked it.
pub(crate) struct Compact<'t> {
    /// The first two segments as they came: what the signature covers.
    signed: &'t str,
    header: &'t str,
    algorithm: Algorithm,
    key_id: Option<Box<str>>,
    kind: Option<Cow<'static, str>>,
    /// The payload and behind it the signature, in one allocation.
    bytes: Vec<u8>,
    payload: usize,
}

/// What outlives the token.
pub(crate) struct Parts {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<Box<str>>,
    pub(crate) kind: Option<Cow<'static, str>>,
    pub(crate) payload: Vec<u8>,
}

impl<'t> Compact<'t> {
    /// Takes a token of at most 16 KiB apart; the size is judged before anything is decoded.
    pub(crate) fn read(token: &'t str) -> Result<Self, VerifyError> {
        if token.len() > MAX_BYTES {
            return Err(format("it is larger than 16 KiB"));
        }
        let mut dots = memchr::memchr_iter(b'.', token.as_bytes());
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(format("it has not three segments"));
        };
        let (header, payload, signature) = (&token[..first], &token[first + 1..second], &token[second + 1..]);
        let most = most_bytes(payload) + most_bytes(signature) + most_bytes(header);
        let mut bytes = Vec::with_capacity(most);
        let mut append = |segment: &str| {
            decode_onto(&mut bytes, segment).ok_or_else(|| format("a segment is no base64url"))?;
            Ok::<_, VerifyError>(bytes.len())
        };
        let (payload, signature, _) = (append(payload)?, append(signature)?, append(header)?);
        let Header { algorithm, key_id, kind } = Header::read(&bytes[signature..])?;
        let key_id = key_id.map(|id| id.into_owned().into_boxed_str());
        bytes.truncate(signature);
        Ok(Self { signed: &token[..second], header, algorithm, key_id, kind, bytes, payload })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The media type of `typ`, in lower case and without `application/`.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes[..self.payload]
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.bytes[self.payload..]
    }

    pub(crate) fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    /// The whole header, for a token that brings its own key.
    pub(crate) fn header(&self) -> Option<Map<String, Value>> {
        parse_strict(&decode(self.header)?)
    }

    pub(crate) fn into_parts(self) -> Parts {
        let Self { algorithm, kind, key_id, mut bytes, payload, .. } = self;
        bytes.truncate(payload);
        Parts { algorithm, kind, key_id, payload: bytes }
    }
}

/// Shows nothing of the token.
impl fmt::Debug for Compact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compact(..)")
    }
}

fn format(why: &'static str) -> VerifyError {
    VerifyError::new(Stage::Format, why)
}

const MAX_BYTES: usize = 16 * 1024;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jose::base64url::encode;
    use crate::jose::claims::AccessTokenClaims;

    const HEADER: &str = r#"{"alg":"RS256","kid":"a","typ":"JWT"}"#;

    #[test]
    fn a_token_is_taken_apart_without_losing_a_byte() {
        let token = format!("{}.{}.{}", encode(HEADER.as_bytes()), encode(b"{\"a\":1}"), encode(&[7; 64]));
        let compact = Compact::read(&token).unwrap();
        assert_eq!(
            (compact.algorithm(), compact.kind(), compact.key_id()),
            (Algorithm::Rs256, Some("jwt"), Some("a"))
        );
        assert_eq!((compact.payload(), compact.signature()), (&b"{\"a\":1}"[..], &[7_u8; 64][..]));
        assert_eq!(compact.signed(), token.rsplit_once('.').unwrap().0.as_bytes());
        assert_eq!(compact.header().unwrap().len(), 3);
        assert_eq!(format!("{compact:?}"), "Compact(..)");
        assert_eq!(compact.into_parts().payload, b"{\"a\":1}");
    }

    #[test]
    fn another_form_is_refused_before_the_header_is_read() {
        let (header, claims) = (encode(br#"{"alg":"none"}"#), encode(b"{}"));
        for (token, why) in [
            (String::new(), "it has not three segments"),
            (".".into(), "it has not three segments"),
            (format!("{header}.{claims}"), "it has not three segments"),
            (format!("{header}.{claims}.AA.AA"), "it has not three segments"),
            (format!("{header}.....AA"), "it has not three segments"),
            (".".repeat(16 * 1024), "it has not three segments"),
            (format!("{header}=.{claims}.AA"), "a segment is no base64url"),
            (format!("{header}.{claims} .AA"), "a segment is no base64url"),
            (format!("{header}.{claims}.AB"), "a segment is no base64url"),
            (format!("{header}.{claims}.\u{e9}"), "a segment is no base64url"),
            (format!("{header}.{claims}.{}", "A".repeat(16 * 1024)), "it is larger than 16 KiB"),
        ] {
            let error = Compact::read(&token).unwrap_err();
            assert_eq!((error.stage(), error.why()), (Stage::Format, why), "{token:.40}");
        }
        let bad_header = Compact::read(&format!("{header}.{claims}.AA")).unwrap_err();
        assert_eq!(bad_header.stage(), Stage::Header);
    }

    proptest! {
        #[test]
        fn no_text_and_no_payload_panics(text: String, header in "[{}\\[\\]\":,a-zA-Z0-9\\\\]*", payload: Vec<u8>) {
            let _ = Compact::read(&text);
            let token = format!("{}.{}.AA", encode(header.as_bytes()), encode(&payload));
            let _ = Compact::read(&token);
            let _ = AccessTokenClaims::read(&payload);
            let _ = AccessTokenClaims::read(header.as_bytes());
        }
    }
}
