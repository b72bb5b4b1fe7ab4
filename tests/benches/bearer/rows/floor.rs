//! The floor: a bare request and one verification by aws-lc, with a key that was parsed before.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::issuer::{Issuer, Token};
use super::scenario::Scenario;

/// The name of the row that a first sight is compared with.
pub(crate) fn name(algorithm: &str) -> String {
    format!("{algorithm} {FLOOR}")
}

/// The floor, and beside it what splitting and decoding the token adds.
pub(crate) fn scenarios(issuer: &Issuer, bare: &Router) -> [Scenario; 2] {
    let (key, again) = (parsed_key(issuer), parsed_key(issuer));
    [
        Scenario::after(FLOOR, issuer, bare.clone(), move |token| {
            key.verify_sig(token.signed(), &token.signature).expect("a valid signature");
        }),
        Scenario::after("the same, its signature decoded each time", issuer, bare.clone(), move |token| {
            split_and_verify(&again, token);
        }),
    ]
}

fn split_and_verify(key: &ParsedPublicKey, token: &Token) {
    let signed = token.signed();
    let signature = URL_SAFE_NO_PAD.decode(&token.jwt()[signed.len() + 1..]).expect("base64url");
    key.verify_sig(signed, &signature).expect("a valid signature");
}

fn parsed_key(issuer: &Issuer) -> ParsedPublicKey {
    match issuer.algorithm.name() {
        "RS256" => RsaPublicKeyComponents { n: issuer.member("n"), e: issuer.member("e") }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .expect("an RSA key"),
        _ => {
            let point = [vec![4], issuer.member("x"), issuer.member("y")].concat();
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).expect("a point of P-256")
        }
    }
}

const FLOOR: &str = "bare + aws-lc verify, parsed key";
