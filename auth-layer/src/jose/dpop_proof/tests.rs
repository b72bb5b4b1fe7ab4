//! Proofs, and what is none.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;
use crate::jose::algorithm::ALL;
use crate::jose::signer::Signer;

const NOW: u64 = 1_800_000_000;
const TOKEN: &str = "an-access-token";

/// Verifies a proof for `GET https://api.example/orders` under a key of this algorithm.
fn verify_under(algorithm: Algorithm, proof: &str) -> Result<DpopProof, VerifyError> {
    let jwk = Signer::new(algorithm).jwk();
    let key = Key::parse(jwk.as_object().unwrap()).unwrap();
    verify_dpop_proof(
        proof,
        &ProofExpectations {
            method: "GET",
            uri: &"https://api.example/orders?page=2".parse().unwrap(),
            access_token: TOKEN,
            thumbprint: &encode(key.thumbprint()),
            algorithms: &ALL,
            now: Timestamp::from_unix_seconds(NOW),
            tolerance: Duration::from_secs(60),
        },
    )
}

fn header(algorithm: Algorithm) -> Value {
    json!({ "typ": "dpop+jwt", "alg": algorithm.name(), "jwk": Signer::new(algorithm).jwk() })
}

fn claims() -> Value {
    json!({
        "jti": "7", "htm": "GET", "htu": "https://api.example/orders", "iat": NOW,
        "ath": encode(digest(&SHA256, TOKEN.as_bytes()).as_ref()),
    })
}

/// `value` with some members replaced; `null` removes one.
fn with(mut value: Value, changes: &Value) -> Value {
    for (name, change) in changes.as_object().unwrap() {
        match change {
            Value::Null => drop(value.as_object_mut().unwrap().remove(name)),
            change => value[name] = change.clone(),
        }
    }
    value
}

/// Signs header and claims with the ES256 key, and verifies.
fn verify(header: &Value, claims: &Value) -> Result<DpopProof, (Stage, String)> {
    let proof = Signer::new(Algorithm::Es256).sign_raw(&header.to_string(), claims.to_string().as_bytes());
    verify_under(Algorithm::Es256, &proof).map_err(|error| (error.stage(), error.why().to_owned()))
}

#[test]
fn an_honest_proof_holds_under_every_algorithm() {
    for algorithm in ALL {
        let proof =
            Signer::new(algorithm).sign_raw(&header(algorithm).to_string(), claims().to_string().as_bytes());
        let proof = verify_under(algorithm, &proof).unwrap();
        assert_eq!(
            (proof.jti.as_str(), proof.nonce.as_deref(), proof.issued_at.unix_seconds()),
            ("7", None, NOW)
        );
        assert_eq!(format!("{proof:?}"), "DpopProof(..)");
    }
    let with_nonce = with(claims(), &json!({ "nonce": "n" }));
    assert_eq!(verify(&header(Algorithm::Es256), &with_nonce).unwrap().nonce.as_deref(), Some("n"));
}

/// RFC 9449, figures 12 to 14 and §6.1.
#[test]
fn the_proof_of_the_rfc_holds() {
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUkl\
        DUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSI\
        sImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS\
        5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMH\
        hXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jf\
        xSYoMxhAJpLjA";
    let uri = "https://resource.example.org/protectedresource".parse().unwrap();
    let expected = ProofExpectations {
        method: "GET",
        uri: &uri,
        access_token: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
        thumbprint: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
        algorithms: &[Algorithm::Es256],
        now: Timestamp::from_unix_seconds(1_562_262_618),
        tolerance: Duration::from_secs(60),
    };
    let proof = verify_dpop_proof(proof, &expected).unwrap();
    assert_eq!(
        (proof.jti.as_str(), encode(&proof.thumbprint).as_str()),
        ("e1j3V_bKic8-LAEB", expected.thumbprint)
    );
    assert!(!format!("{expected:?}").contains("Kz~8"));
}

#[test]
fn another_form_or_kind_is_no_proof() {
    let honest = header(Algorithm::Es256);
    for typ in ["DPoP+JWT", "application/dpop+jwt"] {
        assert!(verify(&with(honest.clone(), &json!({ "typ": typ })), &claims()).is_ok(), "{typ}");
    }
    for typ in [json!("JWT"), json!("at+jwt"), json!("dpop"), json!(""), json!(7), Value::Null] {
        let bent = with(honest.clone(), &json!({ "typ": typ }));
        assert_eq!(verify(&bent, &claims()).unwrap_err().0, Stage::Header, "{typ}");
    }
    let proof = Signer::new(Algorithm::Es256).sign_raw(&honest.to_string(), claims().to_string().as_bytes());
    let large = with(claims(), &json!({ "pad": "p".repeat(8_000) }));
    assert_eq!(verify(&honest, &large).unwrap_err(), (Stage::Format, "it is larger than 8 KiB".into()));
    for bent in [format!("{proof}.AA"), format!("{proof},{proof}"), format!("{proof}="), String::new()] {
        assert_eq!(verify_under(Algorithm::Es256, &bent).unwrap_err().stage(), Stage::Format);
    }
}

#[test]
fn an_algorithm_that_is_symmetric_none_or_not_in_the_list_is_refused() {
    for alg in ["none", "HS256", "RS256", "ES384"] {
        let refused = verify(&with(header(Algorithm::Es256), &json!({ "alg": alg })), &claims()).unwrap_err();
        let expected = if ["none", "HS256"].contains(&alg) { Stage::Header } else { Stage::Key };
        assert_eq!(refused.0, expected, "{alg}");
    }
    let proof = Signer::new(Algorithm::Es256)
        .sign_raw(&header(Algorithm::Es256).to_string(), claims().to_string().as_bytes());
    let uri = "https://api.example/orders".parse().unwrap();
    let expected = ProofExpectations {
        method: "GET",
        uri: &uri,
        access_token: TOKEN,
        thumbprint: "",
        algorithms: &[Algorithm::EdDSA],
        now: Timestamp::from_unix_seconds(NOW),
        tolerance: Duration::from_secs(60),
    };
    assert_eq!(verify_dpop_proof(&proof, &expected).unwrap_err().stage(), Stage::Header);
}

#[test]
fn a_key_that_is_absent_private_weak_or_of_another_is_refused() {
    let honest = header(Algorithm::Es256);
    let bent =
        |changes: Value| with(honest.clone(), &json!({ "jwk": with(honest["jwk"].clone(), &changes) }));
    let x = honest["jwk"]["x"].clone();
    for (bent, stage) in [
        (with(honest.clone(), &json!({ "jwk": null })), Stage::Header),
        (with(honest.clone(), &json!({ "crit": ["jwk"] })), Stage::Header),
        (with(honest.clone(), &json!({ "jwk": "key" })), Stage::Key),
        (with(honest.clone(), &json!({ "jwk": [] })), Stage::Key),
        (with(honest.clone(), &json!({ "jwk": { "kty": "oct", "k": "AAAA" } })), Stage::Key),
        (bent(json!({ "d": "AA" })), Stage::Key),
        (bent(json!({ "k": "AA" })), Stage::Key),
        (bent(json!({ "y": x })), Stage::Key),
        (bent(json!({ "alg": "ES384" })), Stage::Key),
        (bent(json!({ "use": "enc" })), Stage::Key),
        (bent(json!({ "kid": "a", "use": "sig", "alg": "ES256" })), Stage::Format),
    ] {
        let verified = verify(&bent, &claims());
        if stage == Stage::Format {
            assert!(verified.is_ok(), "a name is no part of a key: {bent}");
        } else {
            assert_eq!(verified.unwrap_err().0, stage, "{bent}");
        }
    }
    let twice = honest.to_string().replacen(r#""crv""#, r#""kid":"a","kid":"b","crv""#, 1);
    let proof = Signer::new(Algorithm::Es256).sign_raw(&twice, claims().to_string().as_bytes());
    assert_eq!(verify_under(Algorithm::Es256, &proof).unwrap_err().stage(), Stage::Header);
    // A proof that is good, of a key that the token is not bound to.
    let proof = Signer::new(Algorithm::Es256).sign_raw(&honest.to_string(), claims().to_string().as_bytes());
    let stolen = verify_under(Algorithm::Es384, &proof).unwrap_err();
    assert_eq!((stolen.stage(), stolen.why()), (Stage::Key, "the access token is bound to another key"));
}

#[test]
fn another_signature_is_refused() {
    let proof = Signer::new(Algorithm::Es256)
        .sign_raw(&header(Algorithm::Es256).to_string(), claims().to_string().as_bytes());
    let (input, _) = proof.rsplit_once('.').unwrap();
    for signature in [String::new(), encode(&[7; 64])] {
        let error = verify_under(Algorithm::Es256, &format!("{input}.{signature}")).unwrap_err();
        assert_eq!(error.stage(), Stage::Signature);
    }
}

#[test]
fn a_proof_is_for_this_method_this_uri_this_token_and_this_moment() {
    let of_another = encode(digest(&SHA256, b"another").as_ref());
    let table = [
        (json!({ "htm": "POST" }), "htm is another method"),
        (json!({ "htm": "get" }), "htm is another method"),
        (json!({ "htm": null }), "htm is missing"),
        (json!({ "htm": ["GET"] }), "htm is of the wrong type"),
        (
            json!({ "htu": "https://api.example/" }),
            "htu is another URI: compare the public address of this server",
        ),
        (json!({ "htu": "/orders" }), "htu is another URI: compare the public address of this server"),
        (json!({ "htu": null }), "htu is missing"),
        (json!({ "htu": 7 }), "htu is of the wrong type"),
        (json!({ "iat": NOW - 61 }), "iat is past by 61 s: compare the clocks"),
        (json!({ "iat": NOW + 61 }), "iat is ahead by 61 s: compare the clocks"),
        (json!({ "iat": null }), "iat is missing"),
        (json!({ "iat": NOW.to_string() }), "iat is of the wrong type"),
        (json!({ "iat": -1 }), "iat is of the wrong type"),
        (json!({ "ath": of_another }), "ath is of another access token"),
        (json!({ "ath": "" }), "ath is of another access token"),
        (json!({ "ath": TOKEN }), "ath is of another access token"),
        (json!({ "ath": null }), "ath is missing"),
        (json!({ "ath": 7 }), "ath is of the wrong type"),
        (json!({ "jti": null }), "jti is missing"),
        (json!({ "jti": "" }), "jti is empty or longer than 256 bytes"),
        (json!({ "jti": "j".repeat(257) }), "jti is empty or longer than 256 bytes"),
        (json!({ "jti": 7 }), "jti is of the wrong type"),
        (json!({ "nonce": 7 }), "nonce is of the wrong type"),
        (json!({ "nonce": "n".repeat(257) }), "nonce is empty or longer than 256 bytes"),
    ];
    for (changes, why) in table {
        let verified = verify(&header(Algorithm::Es256), &with(claims(), &changes));
        assert_eq!(verified.unwrap_err(), (Stage::Claims, why.to_owned()), "{changes}");
    }
    for changes in [
        json!({ "iat": NOW - 60 }),
        json!({ "iat": NOW + 60 }),
        json!({ "htu": "HTTPS://API.example:443/%6Frders?x#y" }),
        json!({ "jti": "j".repeat(256) }),
        json!({ "else": { "a": 1 } }),
    ] {
        assert!(verify(&header(Algorithm::Es256), &with(claims(), &changes)).is_ok(), "{changes}");
    }
    for payload in [r#"{"jti":"7","jti":"8"}"#, "[]", ""] {
        let proof =
            Signer::new(Algorithm::Es256).sign_raw(&header(Algorithm::Es256).to_string(), payload.as_bytes());
        assert_eq!(verify_under(Algorithm::Es256, &proof).unwrap_err().stage(), Stage::Claims);
    }
}
