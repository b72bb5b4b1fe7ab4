//! One key pair for each way of signing: they sign any text whatever, and publish themselves.

use std::sync::OnceLock;

use auth_layer::jose::{Algorithm, Jwks};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};

use super::forgery::encoded;

/// A key pair that signs with RS256, PS256, ES256 or EdDSA, the same in the whole run.
pub(crate) struct KeyPair {
    pub(crate) algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl KeyPair {
    /// One of each.
    pub(crate) fn all() -> &'static [Self; 4] {
        static PAIRS: OnceLock<[KeyPair; 4]> = OnceLock::new();
        PAIRS.get_or_init(|| {
            let rsa = |padding| Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap(), padding);
            let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
            [
                Self { algorithm: Algorithm::Rs256, pair: rsa(&RSA_PKCS1_SHA256) },
                Self { algorithm: Algorithm::Ps256, pair: rsa(&RSA_PSS_SHA256) },
                Self { algorithm: Algorithm::Es256, pair: Pair::Ec(ec) },
                Self {
                    algorithm: Algorithm::EdDSA,
                    pair: Pair::Ed25519(Ed25519KeyPair::generate().unwrap()),
                },
            ]
        })
    }

    /// The set of this one key.
    pub(crate) fn jwks(&self) -> Jwks {
        Jwks::parse(json!({ "keys": [self.jwk()] }).to_string().as_bytes()).unwrap()
    }

    fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair, _) => {
                // DER of a 2048-bit key: the modulus is the 256 bytes from byte 9 on.
                let modulus = &pair.public_key().as_ref()[9..265];
                json!({ "kty": "RSA", "n": encoded(modulus), "e": "AQAB" })
            }
            Pair::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y) })
            }
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encoded(pair.public_key().as_ref()) })
            }
        }
    }

    /// Returns the signature of any text, in base64url.
    pub(crate) fn sign(&self, input: &str) -> String {
        let (random, input) = (SystemRandom::new(), input.as_bytes());
        match &self.pair {
            Pair::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, input, &mut signature).unwrap();
                encoded(signature)
            }
            Pair::Ec(pair) => encoded(pair.sign(&random, input).unwrap().as_ref()),
            Pair::Ed25519(pair) => encoded(pair.sign(input).as_ref()),
        }
    }
}
