//! Base64url as JOSE writes it (RFC 7515 §2): no padding, no whitespace, and one writing only.
//!
//! # Rules
//! 1. What is not in the alphabet is refused, whatever it is: `=`, `+`, `/`, a space, NUL.
//! 2. So are bits that stand for nothing: otherwise one text has several writings, and whoever
//!    remembers what he has seen is evaded by writing it differently.

use base64_simd::URL_SAFE_NO_PAD;

/// Appends the bytes of `text`; leaves what is there as it was where it is no base64url.
pub(crate) fn decode_onto(bytes: &mut Vec<u8>, text: &str) -> Option<()> {
    URL_SAFE_NO_PAD.decode_append(text, bytes).ok()
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// How many bytes `text` has at most.
pub(crate) const fn most_bytes(text: &str) -> usize {
    URL_SAFE_NO_PAD.estimated_decoded_length(text.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose;
    use proptest::prelude::*;

    use super::*;

    /// The strict scalar decoder: the vectorised one must refuse all that this one does.
    fn scalar(text: &str) -> Option<Vec<u8>> {
        general_purpose::URL_SAFE_NO_PAD.decode(text).ok()
    }

    #[test]
    fn every_character_at_every_place_is_judged_as_the_scalar_decoder_does() {
        // Lengths around the vector's 32 and 38 characters, where other code takes over.
        for length in (1..=12).chain(30..=46).chain(62..=80) {
            let honest = encode(&vec![0x5a; length]);
            for place in 0..honest.len() {
                for character in (0..=0x7f_u8).map(char::from).chain(['\u{e9}', '\u{212a}']) {
                    let mut bent = honest.clone();
                    bent.replace_range(place..=place, character.encode_utf8(&mut [0; 4]));
                    let expected = scalar(&bent);
                    assert_eq!(decode(&bent), expected, "{character:?} at {place} of {length}");
                    let mut bytes = vec![7];
                    let appended = decode_onto(&mut bytes, &bent).is_some();
                    assert_eq!(appended.then(|| bytes[1..].to_vec()), expected);
                    assert_eq!(bytes[0], 7);
                    assert!(appended || bytes.len() == 1, "what was refused leaves nothing behind");
                }
            }
        }
    }

    #[test]
    fn padding_whitespace_foreign_letters_and_idle_bits_are_refused() {
        for text in [
            "YQ==",
            "YQ=",
            "YWI=",
            "=",
            "YWJj=",
            "YR",
            "YWJ=",
            "YWK",
            "Y",
            "YWJjY",
            " YQ",
            "YQ ",
            "Y Q",
            "YQ\n",
            "YQ\r\n",
            "YQ\t",
            "YQ\0",
            "\0",
            "-+",
            "_/",
            "+/",
            "YQ.",
            "Y\u{212a}",
        ] {
            assert_eq!(decode(text), None, "{text:?}");
            assert_eq!(scalar(text), None, "{text:?}");
        }
        assert_eq!(decode(""), Some(Vec::new()));
        assert_eq!(decode("-_8"), Some(vec![0xfb, 0xff]));
    }

    proptest! {
        #[test]
        fn both_decoders_agree_on_anything(text in "[A-Za-z0-9_=+/ -]{0,120}") {
            prop_assert_eq!(decode(&text), scalar(&text));
        }

        #[test]
        fn what_was_written_is_read_within_the_bytes_foreseen(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert!(bytes.len() <= most_bytes(&text));
            prop_assert_eq!(decode(&text), Some(bytes));
        }
    }
}
