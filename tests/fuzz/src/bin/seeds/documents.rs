//! Documents of keys, as providers publish them and as nobody should.

use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    KeyPair as _,
};
use fuzz::keys::{Algorithm, document, encode};
use serde_json::{Value, json};

pub(crate) fn all() -> Vec<(&'static str, String)> {
    let (rsa, ec, ed) = (Algorithm::Rs256.jwk(), Algorithm::Es256.jwk(), Algorithm::EdDsa.jwk());
    let modulus = rsa["n"].as_str().unwrap_or_default().to_owned();
    let keys = |keys: &[Value]| json!({ "keys": keys }).to_string();
    let with = |jwk: &Value, more: Value| {
        let mut jwk = jwk.clone();
        for (name, value) in more.as_object().into_iter().flatten() {
            jwk[name] = value.clone();
        }
        jwk
    };
    vec![
        ("all", document()),
        ("unnamed", keys(&[rsa.clone(), ec.clone(), ed.clone()])),
        (
            "auth0",
            keys(&[with(
                &rsa,
                json!({
                    "use": "sig", "alg": "RS256", "kid": "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg",
                    "x5t": "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg", "x5c": ["MIIC+DCCAeCgAwIBAgIJBIGjYW6hFpn2MA0G"],
                }),
            )]),
        ),
        (
            "keycloak",
            keys(&[
                with(&rsa, json!({ "use": "sig", "alg": "RS256", "kid": "rsa", "x5t#S256": "0jNbUHcZ" })),
                with(&rsa, json!({ "use": "enc", "alg": "RSA-OAEP", "kid": "enc" })),
            ]),
        ),
        ("okta", keys(&[with(&rsa, json!({ "use": "sig", "alg": "RS256", "kid": "rsa", "key_ops": ["verify"] }))])),
        ("entra", keys(&[with(&rsa, json!({ "use": "sig", "kid": "rsa", "issuer": "https://login.example/{tenantid}/v2.0" }))])),
        ("curves", keys(&[ec.clone(), point("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING), point("P-521", &ECDSA_P521_SHA512_FIXED_SIGNING)])),
        ("pinned", keys(&[with(&rsa, json!({ "alg": "PS256", "kid": "rsa" })), with(&ed, json!({ "alg": "Ed25519", "kid": "ed" }))])),
        ("one_name_twice", keys(&[with(&rsa, json!({ "kid": "a" })), with(&ec, json!({ "kid": "a" }))])),
        ("private", keys(&[with(&ec, json!({ "kid": "ec", "d": "AA" })), with(&rsa, json!({ "p": "AA" }))])),
        ("symmetric", keys(&[json!({ "kty": "oct", "kid": "rsa", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow" })])),
        ("mistyped", keys(&[with(&ec, json!({ "kid": 7 })), with(&ed, json!({ "use": null })), with(&rsa, json!({ "key_ops": "verify" }))])),
        ("weak", keys(&[with(&rsa, json!({ "n": modulus[..171] })), with(&rsa, json!({ "e": "AQ" })), json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(&[0; 32]) })])),
        // The neutral element: anybody can sign for it.
        ("neutral", keys(&[json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(&NEUTRAL) })])),
        ("off_its_curve", keys(&[json!({ "kty": "EC", "crv": "P-256", "x": encode(&[1; 32]), "y": encode(&[1; 32]) })])),
        ("other_kinds", keys(&[json!({ "kty": "OKP", "crv": "X25519", "x": encode(&[9; 32]) }), json!({ "kty": "EC", "crv": "secp256k1", "x": encode(&[1; 32]), "y": encode(&[1; 32]) })])),
        ("no_objects", r#"{"keys":[7,null,[],"a",{}]}"#.to_owned()),
        ("a_hundred_and_one", keys(&vec![json!({}); 101])),
        ("twice", r#"{"keys":[{"kty":"OKP","crv":"Ed25519","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}],"a":1}"#.to_owned()),
        ("none", r#"{"keys":[]}"#.to_owned()),
        ("a_key_alone", ec.to_string()),
    ]
}

fn point(curve: &str, algorithm: &'static EcdsaSigningAlgorithm) -> Value {
    let pair = EcdsaKeyPair::generate(algorithm).expect("curves have keys");
    let point = &pair.public_key().as_ref()[1..];
    let (x, y) = point.split_at(point.len() / 2);
    json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
}

const NEUTRAL: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 1;
    point
};
