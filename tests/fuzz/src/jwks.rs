//! A provider's document of keys: which are kept, and what they verify.
//!
//! # Invariants
//! 1. The same document is read twice alike, and holds at most 100 keys.
//! 2. A key that is private, symmetric or not for signatures is not kept.
//! 3. A token verifies only where the very key that signed it is in the document.

use auth_layer::fuzzing;
use auth_layer::jose::Jwks;
use serde_json::Value;

use crate::json::Json;
use crate::keys::{Algorithm, thumbprint};
use crate::signed;

/// Takes a document.
pub fn jwks(data: &[u8]) {
    let (first, second) = (Jwks::parse(data), Jwks::parse(data));
    assert_eq!(first.as_ref().err(), second.as_ref().err());
    let (Ok(keys), Ok(again)) = (first, second) else { return };
    assert_eq!(format!("{keys:?}"), format!("{again:?}"), "one document is read in two ways");
    let json = Json::parse(data).expect("a document that was read is JSON");
    assert!(!json.repeats(), "a member of the document comes twice");
    let document: Value = serde_json::from_slice(data).expect("a document that was read is JSON");
    let elements = document["keys"].as_array().expect("a document that was read has keys");
    assert!(keys.len() <= elements.len() && elements.len() <= 100, "{} keys", keys.len());
    let usable: Vec<&Value> = elements.iter().filter(|jwk| may_verify(jwk)).collect();
    assert!(keys.len() <= usable.len(), "{keys:?} of {usable:?}");
    for jwk in elements.iter().filter(|jwk| !may_verify(jwk)) {
        let print =
            thumbprint(jwk).filter(|print| !usable.iter().any(|other| thumbprint(other) == Some(*print)));
        assert!(print.is_none_or(|print| !fuzzing::holds(&keys, &print)), "kept: {jwk}");
    }
    for (name, token) in [signed::named("good"), signed::named("bad")].into_iter().flatten() {
        if keys.verify(token).is_ok() {
            let print = signer(name).and_then(|signer| thumbprint(&signer.jwk()));
            let there = usable.iter().any(|jwk| thumbprint(jwk) == print);
            assert!(there, "{name} verifies, and its key is not there: {document}");
        }
    }
    for unsigned in UNSIGNED {
        assert!(keys.verify(unsigned).is_err(), "{document}");
    }
}

/// Whether nothing speaks against a key but its numbers.
fn may_verify(jwk: &Value) -> bool {
    let is = |name: &str, wanted: &str| jwk.get(name).is_none_or(|value| value == wanted);
    let operations = jwk.get("key_ops").is_none_or(|all| {
        all.as_array()
            .is_some_and(|all| all.iter().all(Value::is_string) && all.iter().any(|one| one == "verify"))
    });
    jwk.is_object()
        && ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().all(|name| jwk.get(*name).is_none())
        && ["RSA", "EC", "OKP"].iter().any(|kind| jwk["kty"] == *kind)
        && ["kid", "alg"].iter().all(|name| jwk.get(*name).is_none_or(Value::is_string))
        && is("use", "sig")
        && operations
}

/// Who signed the token of a name.
fn signer(name: &str) -> Option<Algorithm> {
    Algorithm::ALL.into_iter().find(|algorithm| name.ends_with(algorithm.name()))
}

/// A signature of the neutral element over anything, `none`, and RFC 7515's HS256 of its appendix A.1.
const UNSIGNED: [&str; 3] = [
    "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJqb2UifQ.AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
];
