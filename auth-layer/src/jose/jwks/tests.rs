//! Which key is chosen, and what it then accepts.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;
use crate::jose::algorithm::ALL;
use crate::jose::signer::{Signer, jwks};

fn failed(keys: &Jwks, token: &str) -> (Stage, String) {
    let error = keys.verify(token).unwrap_err();
    (error.stage(), error.why().to_owned())
}

fn named(algorithm: Algorithm, kid: &str) -> Value {
    let mut jwk = Signer::new(algorithm).jwk();
    jwk["kid"] = json!(kid);
    jwk
}

#[test]
fn every_algorithm_verifies_what_its_key_signed() {
    for algorithm in ALL {
        let signer = Signer::new(algorithm);
        let signed = signer.jwks().verify(&signer.sign("JWT", &json!({ "sub": "ada" }))).unwrap();
        assert_eq!((signed.algorithm(), signed.kind(), signed.key_id()), (algorithm, Some("jwt"), None));
        assert_eq!(signed.payload(), br#"{"sub":"ada"}"#);
        assert_eq!(signed.claims().unwrap()["sub"], "ada");
        assert_eq!(format!("{signed:?}"), "SignedToken(..)");
    }
    let signer = Signer::new(Algorithm::EdDSA);
    let new_name = signer.sign_raw(r#"{"alg":"Ed25519","kid":"a"}"#, b"no claims");
    let signed = jwks([named(Algorithm::EdDSA, "a")]).verify(&new_name).unwrap();
    assert_eq!((signed.algorithm(), signed.key_id()), (Algorithm::EdDSA, Some("a")));
    assert_eq!(signed.claims().unwrap_err().stage(), Stage::Claims);
}

#[test]
fn a_token_says_which_key_and_no_other_is_tried() {
    let keys = jwks([named(Algorithm::Rs256, "a"), named(Algorithm::Es256, "b")]);
    let signer = Signer::new(Algorithm::Rs256);
    for (header, expected) in [
        (r#"{"alg":"RS256","kid":"a"}"#, None),
        (r#"{"alg":"RS256"}"#, None),
        (r#"{"alg":"PS256","kid":"a"}"#, Some(Stage::Signature)),
        (r#"{"alg":"RS256","kid":"b"}"#, Some(Stage::Key)),
        (r#"{"alg":"RS256","kid":"A"}"#, Some(Stage::Key)),
        (r#"{"alg":"RS256","kid":""}"#, Some(Stage::Key)),
        (r#"{"alg":"ES256","kid":"a"}"#, Some(Stage::Key)),
        (r#"{"alg":"ES384"}"#, Some(Stage::Key)),
        (r#"{"alg":"ES256"}"#, Some(Stage::Signature)),
        (r#"{"alg":"HS256","kid":"a"}"#, Some(Stage::Header)),
        (r#"{"alg":"none"}"#, Some(Stage::Header)),
    ] {
        let verified = keys.verify(&signer.sign_raw(header, b"{}"));
        assert_eq!(verified.err().map(|error| error.stage()), expected, "{header}");
    }
}

#[test]
fn without_a_name_a_key_is_used_only_where_no_other_fits() {
    let signer = Signer::new(Algorithm::Rs256);
    let token = signer.sign_raw(r#"{"alg":"RS256"}"#, b"{}");
    let mut other_algorithm = named(Algorithm::Rs256, "b");
    other_algorithm["alg"] = json!("PS256");
    for (keys, good) in [
        (jwks([]), false),
        (jwks([named(Algorithm::Rs256, "a")]), true),
        (jwks([named(Algorithm::Rs256, "a"), named(Algorithm::Rs256, "b")]), false),
        (jwks([named(Algorithm::Rs256, "a"), other_algorithm]), true),
        (jwks([named(Algorithm::Rs256, "a"), named(Algorithm::Es256, "b")]), true),
    ] {
        let verified = keys.verify(&token);
        assert_eq!(verified.is_ok(), good, "{keys:?}");
        assert!(verified.err().is_none_or(|error| error.stage() == Stage::Key && error.is_unknown_key()));
    }
}

#[test]
fn two_keys_of_one_name_are_dropped_and_a_bad_one_takes_no_name() {
    let table: [(&str, [Value; 3], usize); 4] = [
        ("three names", ["a", "b", "c"].map(|name| named(Algorithm::Es256, name)), 3),
        ("one name twice", ["a", "b", "a"].map(|name| named(Algorithm::Es256, name)), 1),
        ("no name", [(); 3].map(|()| Signer::new(Algorithm::Es256).jwk()), 3),
        (
            "a bad one",
            [named(Algorithm::Es256, "a"), json!({ "kty": "oct", "kid": "a", "k": "AA" }), json!(7)],
            1,
        ),
    ];
    for (what, keys, len) in table {
        let keys = jwks(keys);
        assert_eq!((keys.len(), keys.is_empty()), (len, false), "{what}");
    }
}

#[test]
fn a_member_twice_in_a_key_loses_that_key_alone() {
    let good = Signer::new(Algorithm::Es256).jwk().to_string();
    let twice = good.replacen('{', r#"{"kid":"a","kid":"a","#, 1);
    let nested = good.replacen('{', r#"{"kid":"a","x5c":[{"a":1,"a":2}],"#, 1);
    let document = format!(r#"{{"keys":[{twice},{good},{nested}]}}"#);
    assert_eq!(Jwks::parse(document.as_bytes()).unwrap().len(), 1);
}

#[test]
fn a_document_that_is_none_or_too_large_is_an_error() {
    let keys = |count| format!(r#"{{"keys":[{}]}}"#, vec!["{}"; count].join(","));
    let padded = |size: usize| format!(r#"{{"keys":[]}}{}"#, " ".repeat(size - 11));
    for (document, good) in [
        (keys(0), true),
        (keys(100), true),
        (keys(101), false),
        (padded(1024 * 1024), true),
        (padded(1024 * 1024 + 1), false),
        (r#"{"keys":[],"keys":[]}"#.into(), false),
        (r#"{"keys":{}}"#.into(), false),
        ("[]".into(), false),
        ("{}".into(), false),
        ("<html>".into(), false),
    ] {
        assert_eq!(Jwks::parse(document.as_bytes()).is_ok(), good, "{document:.20}");
    }
    assert!(Jwks::parse(b"").unwrap_err().to_string().contains("array `keys`"));
}

#[test]
fn a_list_of_algorithms_narrows_what_the_keys_verify() {
    let signer = Signer::new(Algorithm::Ps256);
    let (keys, token) = (signer.jwks(), signer.sign("JWT", &json!({})));
    let token = Compact::read(&token).unwrap();
    let check = |allowed| keys.check_with(&token, allowed).map_err(|error| error.stage()).map(|_| ());
    assert_eq!(check(None), Ok(()));
    assert_eq!(check(Some(&[Algorithm::Rs256, Algorithm::Ps256])), Ok(()));
    assert_eq!(check(Some(&[Algorithm::Rs256])), Err(Stage::Header));
    assert_eq!(check(Some(&[])), Err(Stage::Header));
}

#[test]
fn a_set_knows_its_keys_by_their_thumbprints() {
    let signer = Signer::new(Algorithm::Es256);
    let token = signer.sign("JWT", &json!({}));
    let (keys, newer) = (signer.jwks(), jwks([named(Algorithm::Es256, "renamed")]));
    let thumbprint = *keys.check(&Compact::read(&token).unwrap()).unwrap().thumbprint();
    assert!(keys.holds(&thumbprint) && newer.holds(&thumbprint));
    assert!(!Signer::new(Algorithm::Rs256).jwks().holds(&thumbprint) && !jwks([]).holds(&thumbprint));
}

#[test]
fn a_bent_signature_is_the_signature_stage_whatever_its_length() {
    for algorithm in ALL {
        let signer = Signer::new(algorithm);
        let token = signer.sign("JWT", &json!({}));
        let (input, _) = token.rsplit_once('.').unwrap();
        for length in [0, 1, 63, 64, 65, 96, 132, 256, 257, 4_096] {
            let bent = format!("{input}.{}", crate::jose::base64url::encode(&vec![0; length]));
            assert_eq!(failed(&signer.jwks(), &bent).0, Stage::Signature, "{algorithm}: {length} zeros");
        }
    }
}
