//! Which keys are used, and which are dropped.
#![allow(clippy::unwrap_used)]

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde_json::json;

use super::*;
use crate::jose::algorithm::ALL;
use crate::jose::base64url::encode;
use crate::jose::signer::Signer;

fn parse(jwk: &Value) -> Option<Key> {
    Key::parse(jwk.as_object()?)
}

/// The honest key of an algorithm, one member replaced.
fn with(algorithm: Algorithm, name: &str, value: Value) -> Option<Key> {
    let mut jwk = Signer::new(algorithm).jwk();
    jwk[name] = value;
    parse(&jwk)
}

#[test]
fn a_key_is_bound_to_the_algorithms_of_its_type() {
    for signs in ALL {
        let jwk = Signer::new(signs).jwk();
        let key = parse(&jwk).unwrap();
        for algorithm in ALL {
            let is_rsa = |algorithm: Algorithm| ["RS", "PS"].contains(&&algorithm.name()[..2]);
            let expected = algorithm == signs || is_rsa(algorithm) && is_rsa(signs);
            assert_eq!(key.verifies(algorithm), expected, "{signs} verifies {algorithm}");
            let only = Key::parse_for(jwk.as_object().unwrap(), algorithm);
            assert_eq!(only.is_some(), expected);
            assert!(only.is_none_or(|key| key.verifiers.len() == 1));
            let named = with(signs, "alg", json!(algorithm.name()));
            assert_eq!(named.is_some_and(|key| key.verifiers.len() == 1), expected, "{signs} as {algorithm}");
        }
    }
    assert!(
        with(Algorithm::EdDSA, "alg", json!("Ed25519")).is_some_and(|key| key.verifies(Algorithm::EdDSA))
    );
}

#[test]
fn a_member_that_forbids_it_or_is_of_another_type_drops_the_key() {
    let table = [
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("use", json!(""), false),
        ("use", json!(["sig"]), false),
        ("use", Value::Null, false),
        ("key_ops", json!(["verify"]), true),
        ("key_ops", json!(["sign", "verify"]), true),
        ("key_ops", json!([]), false),
        ("key_ops", json!(["encrypt"]), false),
        ("key_ops", json!(["verify", 7]), false),
        ("key_ops", json!("verify"), false),
        ("key_ops", Value::Null, false),
        ("alg", json!("none"), false),
        ("alg", json!("HS256"), false),
        ("alg", json!("ES521"), false),
        ("alg", json!("RSA-OAEP"), false),
        ("alg", json!(["ES256"]), false),
        ("alg", Value::Null, false),
        ("kid", json!("k".repeat(256)), true),
        ("kid", json!("k".repeat(257)), false),
        ("kid", json!(7), false),
        ("kid", Value::Null, false),
        ("kty", json!("oct"), false),
        ("kty", json!("RSA"), false),
        ("kty", json!("AKP"), false),
        ("kty", json!(["EC"]), false),
        ("crv", json!("P-384"), false),
        ("crv", json!("secp256k1"), false),
        ("crv", json!("Ed25519"), false),
        ("crv", Value::Null, false),
        ("x", json!(7), false),
        ("x", json!(""), false),
        ("y", Value::Null, false),
        ("x5c", json!([7]), true),
    ];
    for (name, value, good) in table {
        assert_eq!(with(Algorithm::Es256, name, value.clone()).is_some(), good, "{name} = {value}");
    }
    for name in PRIVATE {
        for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDSA] {
            for value in [json!("AA"), json!(""), Value::Null] {
                assert!(with(algorithm, name, value).is_none(), "{name} in a key for {algorithm}");
            }
        }
    }
    assert!(parse(&json!({ "kty": "oct", "k": "AAAA" })).is_none());
    assert!(parse(&json!({})).is_none());
}

#[test]
fn a_number_has_one_writing() {
    let rewritten = |algorithm, name: &str, rewrite: fn(Vec<u8>) -> Vec<u8>| {
        let honest = Signer::new(algorithm).jwk();
        let bytes = decode(honest[name].as_str().unwrap()).unwrap();
        with(algorithm, name, json!(encode(&rewrite(bytes)))).is_some()
    };
    for (algorithm, name) in [
        (Algorithm::Rs256, "n"),
        (Algorithm::Rs256, "e"),
        (Algorithm::Es256, "x"),
        (Algorithm::Es384, "y"),
        (Algorithm::Es512, "x"),
        (Algorithm::EdDSA, "x"),
    ] {
        assert!(rewritten(algorithm, name, |bytes| bytes), "{algorithm} {name}");
        assert!(
            !rewritten(algorithm, name, |bytes| [&[0], &bytes[..]].concat()),
            "{algorithm} {name}: zero before"
        );
        assert!(!rewritten(algorithm, name, |bytes| bytes[1..].to_vec()), "{algorithm} {name}: cut");
        let padded = format!("{}=", Signer::new(algorithm).jwk()[name].as_str().unwrap());
        assert!(with(algorithm, name, json!(padded)).is_none(), "{algorithm} {name}: padding");
    }
    // What the library would read as another encoding of the same key.
    let spki = |bytes: Vec<u8>| {
        [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], &bytes[..]].concat()
    };
    assert!(!rewritten(Algorithm::EdDSA, "x", spki), "guards the comment on other lengths");
}

#[test]
fn a_point_off_its_curve_is_dropped() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512] {
        let jwk = Signer::new(algorithm).jwk();
        let mut y = decode(jwk["y"].as_str().unwrap()).unwrap();
        *y.last_mut().unwrap() ^= 1;
        let zeros = encode(&vec![0; y.len()]);
        assert!(with(algorithm, "y", json!(encode(&y))).is_none(), "{algorithm}");
        assert!(with(algorithm, "y", json!(zeros)).is_none(), "{algorithm}");
        assert!(with(algorithm, "y", jwk["x"].clone()).is_none(), "{algorithm}");
    }
}

#[test]
fn a_point_of_small_order_is_dropped_since_anybody_signs_for_it() {
    let edge = |low| [&[low], &[0xff; 30][..], &[0x7f]].concat();
    let low = |low| [&[low], &[0; 31][..]].concat();
    for point in
        [low(0), low(1), edge(0xec), edge(0xed), edge(0xee), ORDER_EIGHT.into(), ORDER_EIGHT_NEGATED.into()]
    {
        for sign in [0, 0x80] {
            let mut point: Vec<u8> = point.clone();
            point[31] |= sign;
            let key = with(Algorithm::EdDSA, "x", json!(encode(&point)));
            assert!(key.is_none(), "{point:x?}");
        }
    }
    // What such a key is: R = the neutral point and S = 0 are a signature of everything.
    let signature = [&low(1)[..], &[0; 32]].concat();
    assert!(UnparsedPublicKey::new(&ED25519, low(1)).verify(b"anything", &signature).is_ok());
}

#[test]
fn the_thumbprint_is_that_of_rfc_7638_and_of_rfc_8037() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXj\
             BZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs\
             8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G\
             _xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let rsa = json!({ "kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29" });
    let ed25519 =
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    for (jwk, thumbprint) in [
        (rsa, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
        (ed25519, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
    ] {
        assert_eq!(encode(parse(&jwk).unwrap().thumbprint()), thumbprint);
    }
    let es256 = Signer::new(Algorithm::Es256).jwk();
    let named = with(Algorithm::Es256, "kid", json!("a")).unwrap();
    assert_eq!(parse(&es256).unwrap().thumbprint(), named.thumbprint(), "a name is no part of a key");
}

#[test]
fn a_key_shows_its_name_and_its_algorithms_alone() {
    let key = with(Algorithm::Es256, "kid", json!("a")).unwrap();
    assert_eq!(format!("{key:?}"), r#"Key { id: Some("a"), algorithms: [Es256], .. }"#);
}
