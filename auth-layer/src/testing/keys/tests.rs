//! Keys: what they sign, what they are called, and which are published.

use serde_json::{Value, json};

use super::*;
use crate::testing::encoding::{base64url, base64url_bytes};

fn ring(algorithm: SigningAlgorithm, source: KeySource) -> KeyRing {
    KeyRing::new(KeyPolicy { algorithm, source, ..KeyPolicy::default() })
}

fn kids(ring: &KeyRing) -> Vec<Value> {
    ring.jwks()["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect()
}

#[test]
fn a_signature_verifies_until_a_bit_changes() {
    for algorithm in SigningAlgorithm::ALL {
        let ring = ring(*algorithm, KeySource::Shared);
        let token = ring.sign("JWT", &json!({ "sub": "ada" }));
        assert_eq!(ring.claims_signed_here(&token).unwrap()["sub"], "ada", "{algorithm:?}");
        let forged = base64url(r#"{"sub":"bob"}"#);
        let mut parts: Vec<&str> = token.split('.').collect();
        parts[1] = &forged;
        assert!(ring.claims_signed_here(&parts.join(".")).is_none(), "{algorithm:?}");
    }
}

#[test]
fn a_published_key_verifies_under_its_own_algorithm_and_no_other() {
    for signing in SigningAlgorithm::ALL {
        let ring = ring(*signing, KeySource::Shared);
        let token = ring.sign("JWT", &json!({}));
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url_bytes(signature).unwrap();
        for algorithm in SigningAlgorithm::ALL {
            let key = PublicKey::of_jwk(*algorithm, &ring.jwks()["keys"][0]);
            let verified = key.is_some_and(|key| key.verifies(input.as_bytes(), &signature));
            assert_eq!(verified, algorithm == signing, "{signing:?} as {algorithm:?}");
        }
    }
}

#[test]
fn the_jwk_of_each_algorithm_names_its_type_and_curve() {
    for (algorithm, name, kty, curve) in [
        (SigningAlgorithm::Rs256, "RS256", "RSA", Value::Null),
        (SigningAlgorithm::Ps256, "PS256", "RSA", Value::Null),
        (SigningAlgorithm::Es256, "ES256", "EC", json!("P-256")),
        (SigningAlgorithm::Es384, "ES384", "EC", json!("P-384")),
        (SigningAlgorithm::EdDsa, "EdDSA", "OKP", json!("Ed25519")),
    ] {
        let jwk = &ring(algorithm, KeySource::Shared).jwks()["keys"][0];
        assert_eq!((&jwk["alg"], &jwk["kty"], &jwk["crv"]), (&json!(name), &json!(kty), &curve));
        assert_eq!(jwk["use"], "sig");
        assert!(jwk.get("d").is_none(), "{jwk}");
    }
}

#[test]
fn rotation_publishes_the_old_keys_only_where_they_are_kept() {
    let policy = KeyPolicy {
        algorithm: SigningAlgorithm::Es256,
        further: vec![SigningAlgorithm::EdDsa],
        source: KeySource::Own,
        naming: Naming::Thumbprint,
    };
    let mut ring = KeyRing::new(policy);
    let first = kids(&ring);
    assert_eq!(first.len(), 2);
    ring.rotate(true);
    assert_eq!(kids(&ring).len(), 4);
    assert_eq!(kids(&ring)[2..], first);
    ring.rotate(false);
    assert_eq!(kids(&ring).len(), 2);
    assert!(kids(&ring).iter().all(|kid| !first.contains(kid)));
}

#[test]
fn two_keys_of_one_algorithm_are_two_keys() {
    let es256 = SigningAlgorithm::Es256;
    let policy = KeyPolicy { algorithm: es256, further: vec![es256], ..KeyPolicy::default() };
    let ring = KeyRing::new(policy);
    assert_ne!(kids(&ring)[0], kids(&ring)[1]);
    assert!(ring.of(Some(es256)).is_some_and(|key| key.thumbprint() == ring.current().thumbprint()));
    assert!(ring.of(Some(SigningAlgorithm::Rs256)).is_none());
}

#[test]
fn nameless_keys_have_no_kid_in_the_set_or_in_a_header() {
    let policy =
        KeyPolicy { algorithm: SigningAlgorithm::Es256, naming: Naming::Nameless, ..KeyPolicy::default() };
    let ring = KeyRing::new(policy);
    assert_eq!(kids(&ring), [Value::Null]);
    assert_eq!(Value::Object(ring.header(ring.current(), None)), json!({ "alg": "ES256" }));
}

#[test]
fn a_raw_key_is_published_first_and_as_it_is() {
    let mut ring = ring(SigningAlgorithm::Es256, KeySource::Shared);
    ring.publish(json!({ "kty": 1 }));
    assert_eq!(ring.jwks()["keys"][0], json!({ "kty": 1 }));
    assert_eq!(ring.jwks()["keys"][1]["kty"], "EC");
}

#[test]
fn an_rsa_key_has_a_modulus_of_2048_bits_and_no_leading_zero() {
    let jwk = ring(SigningAlgorithm::Rs256, KeySource::Shared).current().public_jwk();
    let modulus = base64url_bytes(jwk["n"].as_str().unwrap()).unwrap();
    assert_eq!(modulus.len(), 256);
    assert!(modulus[0] >= 0x80);
    assert_eq!(jwk["e"], "AQAB");
}

#[test]
fn two_providers_share_a_key_unless_one_has_its_own() {
    let kid = |source| ring(SigningAlgorithm::Es256, source).current().thumbprint().to_owned();
    assert_eq!(kid(KeySource::Shared), kid(KeySource::Shared));
    assert_ne!(kid(KeySource::Shared), kid(KeySource::Own));
}

#[test]
fn the_thumbprint_is_that_of_rfc_8037() {
    // RFC 8037 appendix A.3.
    let jwk = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "kid": "members that are not required do not count",
    });
    assert_eq!(thumbprint(&jwk).unwrap(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert!(thumbprint(&json!({ "kty": "oct", "k": "AAAA" })).is_none());
}
