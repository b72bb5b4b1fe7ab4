//! Proofs of possession (RFC 9449 §4): of a key that a token is bound to, for one request.
//!
//! # Invariants
//! 1. A proof holds that was signed so, byte for byte; see [`jwt`](crate::jwt()) for the twin of ES256.
//! 2. Whatever the key has signed, it holds for this method, this address and this token, is of this
//!    minute, and has a name of 1 to 256 bytes.
//! 3. A nonce is good that was made here for this time, and no other text.

use std::sync::OnceLock;
use std::time::Duration;

use auth_layer::fuzzing::{self, Nonces, Proof};
use aws_lc_rs::digest::{SHA256, digest};
use url::Url;

use crate::json::Json;
use crate::keys::{Algorithm, encode, thumbprint};
use crate::signed::{self, is_twin};
use crate::{NOW, NOW_SECONDS};

/// Takes a proof; or the claims of one, which are signed then.
pub fn dpop_proof(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if text.starts_with('{') {
        let header = format!(r#"{{"typ":"dpop+jwt","alg":"EdDSA","jwk":{}}}"#, Algorithm::EdDsa.jwk());
        let proof = Algorithm::EdDsa.sign(&header, data);
        if let Ok(proof) = verify(&proof, Algorithm::EdDsa) {
            check(&proof, &Json::parse(data).expect("a proof that nobody else can read holds"));
        }
    } else if let Ok(proof) = verify(text, Algorithm::Es256) {
        let is_original = signed::is_signed("proof.good", data) || is_twin("proof.good", text);
        assert!(is_original, "a forged proof holds: {proof:?}");
    }
    check_nonce(text);
}

/// A nonce that is good at [`NOW`].
#[must_use]
pub fn nonce() -> String {
    nonces().make(NOW)
}

fn verify(proof: &str, bound_to: Algorithm) -> Result<Proof, auth_layer::jose::VerifyError> {
    let bound_to = encode(&thumbprint(&bound_to.jwk()).expect("the key has a thumbprint"));
    fuzzing::dpop_proof(proof, ["GET", ADDRESS, token(), &bound_to], NOW)
}

fn check(proof: &Proof, json: &Json) {
    assert!(!json.repeats(), "a member comes twice: {json:?}");
    assert_eq!(json.text("htm"), Some("GET"));
    let address = json.text("htu").expect("it is for some address");
    let url = Url::parse(address).expect("it is for an address");
    let wanted = Url::parse(ADDRESS).expect("it is an address");
    assert_eq!(url.origin(), wanted.origin(), "for another host: {address:?}");
    assert!(url.username().is_empty() && url.password().is_none(), "{address:?}");
    let path: Vec<u8> = percent_encoding::percent_decode_str(url.path()).collect();
    assert_eq!(path, wanted.path().as_bytes(), "for another path: {address:?}");
    let hash = encode(digest(&SHA256, token().as_bytes()).as_ref());
    assert_eq!(json.text("ath"), Some(hash.as_str()), "for another token");
    assert_eq!(json.seconds("iat"), Some(proof.issued_at.unix_seconds()));
    assert!(NOW_SECONDS.abs_diff(proof.issued_at.unix_seconds()) <= 60, "of another time: {proof:?}");
    assert_eq!(json.text("jti"), Some(proof.jti.as_str()));
    assert!((1..=256).contains(&proof.jti.len()), "{proof:?}");
    assert_eq!(json.text("nonce"), proof.nonce.as_deref());
    if let Some(nonce) = &proof.nonce {
        check_nonce(nonce);
    }
}

fn check_nonce(text: &str) {
    assert!(!nonces().is_good(text, NOW) || text == nonce(), "a nonce that was never made is good: {text:?}");
}

/// The token that proofs are for.
fn token() -> &'static str {
    static TOKEN: OnceLock<&str> = OnceLock::new();
    TOKEN.get_or_init(|| signed::named("bound.rfc9068").next().map_or("", |(_, token)| token))
}

fn nonces() -> &'static Nonces {
    static NONCES: OnceLock<Nonces> = OnceLock::new();
    NONCES.get_or_init(|| Nonces::new("0123456789abcdef0123456789abcdef", Duration::from_secs(120)))
}

const ADDRESS: &str = "https://api.example/orders";
