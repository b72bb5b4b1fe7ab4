//! A token has one writing: no byte of it can be changed, and none of its segments written otherwise.
//!
//! What can be written in two ways slips past every list that knows it by its text: revoked tokens,
//! remembered proofs. The one exception is ECDSA's, and shown at the end.

use auth_layer::jose::{Algorithm, Stage};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use crate::support::{KeyPair, encoded};

/// Header, claims and signature; each has characters of all kinds, and bits that stand for nothing.
fn segments(pair: &KeyPair) -> [String; 3] {
    let of_all_kinds = |text: &str| text.contains('-') && text.contains('_') && text.len() % 4 > 1;
    // Spaces after the JSON until its last byte fills no group of three.
    let segment = |json: String| {
        let lengths = (0..3).map(|spaces| encoded(format!("{json}{}", " ".repeat(spaces))));
        lengths.into_iter().find(|text| of_all_kinds(text)).unwrap()
    };
    let header = segment(format!(r#"{{"alg":"{}","x":"~~~~????"}}"#, pair.algorithm));
    (0..)
        .map(|count| {
            let claims = segment(format!(r#"{{"n":{count},"x":"~~~~????"}}"#));
            let signature = pair.sign(&format!("{header}.{claims}"));
            [header.clone(), claims, signature]
        })
        .find(|[_, _, signature]| of_all_kinds(signature))
        .unwrap()
}

/// A token of which one segment is written otherwise; what a key signs, it signs as it is written.
fn rewritten(pair: &KeyPair, segment: usize, rewrite: impl Fn(&str) -> String) -> String {
    let mut segments = segments(pair);
    segments[segment] = rewrite(&segments[segment]);
    if segment < 2 {
        segments[2] = pair.sign(&format!("{}.{}", segments[0], segments[1]));
    }
    segments.join(".")
}

/// Bits that stand for nothing, all set.
fn idle_bits_set(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = text.split_at(text.len() - 1);
    let value = ALPHABET.iter().position(|letter| last.as_bytes() == [*letter]).unwrap();
    let idle = if text.len() % 4 == 2 { 0b1111 } else { 0b11 };
    format!("{rest}{}", char::from(ALPHABET[value | idle]))
}

#[test]
fn segment_with_padding_or_a_space() {
    let mut cases = 0;
    for pair in KeyPair::all() {
        let keys = pair.jwks();
        for segment in 0..3 {
            assert!(keys.verify(&rewritten(pair, segment, str::to_owned)).is_ok(), "good before");
            let padded = |text: &str| format!("{text}{}", "=".repeat(4 - text.len() % 4));
            let spaced = |text: &str| format!("{} {}", &text[..4], &text[4..]);
            for token in [rewritten(pair, segment, padded), rewritten(pair, segment, spaced)] {
                let error = keys.verify(&token).unwrap_err();
                assert_eq!(error.stage(), Stage::Format, "{}: segment {segment}", pair.algorithm);
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 24);
}

#[test]
fn segment_in_another_writing() {
    type Rewrite = fn(&str) -> String;
    let table: [(&str, Rewrite); 12] = [
        ("bits that stand for nothing", idle_bits_set),
        ("standard alphabet", |text| text.replace('-', "+").replace('_', "/")),
        ("one letter of the standard alphabet", |text| text.replacen('-', "+", 1)),
        ("space before", |text| format!(" {text}")),
        ("space behind", |text| format!("{text} ")),
        ("line break", |text| format!("{}\r\n{}", &text[..8], &text[8..])),
        ("tab behind", |text| format!("{text}\t")),
        ("NUL behind", |text| format!("{text}\0")),
        ("NUL within", |text| format!("{}\0{}", &text[..4], &text[4..])),
        ("one sign of padding", |text| format!("{text}=")),
        ("padding within", |text| format!("{}=={}", &text[..2], &text[2..])),
        ("percent-encoded", |text| text.replacen('-', "%2D", 1)),
    ];
    for pair in KeyPair::all() {
        let keys = pair.jwks();
        for segment in 0..3 {
            for (attack, rewrite) in table {
                let error = keys.verify(&rewritten(pair, segment, rewrite)).unwrap_err();
                let place = format!("{}: {attack} in segment {segment}", pair.algorithm);
                assert_eq!(error.stage(), Stage::Format, "{place}");
            }
        }
    }
}

/// Guards the limit that `auth_layer::jose` names: refusing it would refuse honest signers too.
#[test]
fn ecdsa_signature_negated() {
    // The order of P-256.
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let pair = KeyPair::all().iter().find(|pair| pair.algorithm == Algorithm::Es256).unwrap();
    let [header, claims, signature] = segments(pair);
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = 0;
    for (digit, order) in signature[32..].iter_mut().zip(ORDER).rev() {
        let difference = 256 + i32::from(order) - i32::from(*digit) - borrow;
        borrow = i32::from(difference < 256);
        *digit = u8::try_from(difference % 256).unwrap();
    }
    let token = format!("{header}.{claims}.{}", encoded(signature));
    assert!(pair.jwks().verify(&token).is_ok(), "a second signature of the same two segments");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// At every place of a token, another byte.
    #[test]
    fn any_byte_changed(seed in proptest::collection::vec(1_u8..128, 64)) {
        for pair in KeyPair::all() {
            let (keys, token) = (pair.jwks(), segments(pair).join("."));
            prop_assert!(keys.verify(&token).is_ok());
            for (place, change) in (0..token.len()).zip(seed.iter().cycle()) {
                let mut bytes = token.clone().into_bytes();
                // Any other byte of ASCII: the change is neither 0 nor beyond 127.
                bytes[place] ^= change;
                let bent = String::from_utf8(bytes).unwrap();
                prop_assert!(keys.verify(&bent).is_err(), "{}: byte {} of {}", pair.algorithm, place, token);
            }
        }
    }
}
