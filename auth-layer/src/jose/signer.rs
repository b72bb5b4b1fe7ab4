//! Key pairs of the tests: they sign anything, and publish themselves.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair,
};
use serde_json::{Value, json};

use crate::jose::algorithm::Algorithm;
use crate::jose::base64url::encode;
use crate::jose::jwks::Jwks;

/// A key pair that signs with one algorithm; the same for an algorithm in the whole run.
pub(crate) struct Signer {
    algorithm: Algorithm,
    pair: &'static Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        static PAIRS: [OnceLock<Pair>; 5] = [const { OnceLock::new() }; 5];
        let ec = |algorithm| Pair::Ec(EcdsaKeyPair::generate(algorithm).expect("curves have keys"));
        let pair = match algorithm {
            Algorithm::Es256 => PAIRS[0].get_or_init(|| ec(&ECDSA_P256_SHA256_FIXED_SIGNING)),
            Algorithm::Es384 => PAIRS[1].get_or_init(|| ec(&ECDSA_P384_SHA384_FIXED_SIGNING)),
            Algorithm::Es512 => PAIRS[2].get_or_init(|| ec(&ECDSA_P521_SHA512_FIXED_SIGNING)),
            Algorithm::EdDSA => {
                PAIRS[3].get_or_init(|| Pair::Ed25519(Ed25519KeyPair::generate().expect("Ed25519 has keys")))
            }
            _ => PAIRS[4].get_or_init(|| {
                Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("RSA keys of 2048 bits are made"))
            }),
        };
        Self { algorithm, pair }
    }

    /// The public key, which names neither itself nor an algorithm.
    pub(crate) fn jwk(&self) -> Value {
        match self.pair {
            Pair::Rsa(pair) => {
                // DER of a 2048-bit key: the modulus is the 256 bytes from byte 9 on.
                let modulus = &pair.public_key().as_ref()[9..265];
                json!({ "kty": "RSA", "n": encode(modulus), "e": "AQAB" })
            }
            Pair::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = match x.len() {
                    32 => "P-256",
                    48 => "P-384",
                    _ => "P-521",
                };
                json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
            }
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) })
            }
        }
    }

    pub(crate) fn jwks(&self) -> Jwks {
        jwks([self.jwk()])
    }

    /// A token with these claims and this `typ`.
    pub(crate) fn sign(&self, kind: &str, claims: &Value) -> String {
        self.sign_raw(
            &json!({ "alg": self.algorithm.name(), "typ": kind }).to_string(),
            claims.to_string().as_bytes(),
        )
    }

    /// A token of any two texts.
    pub(crate) fn sign_raw(&self, header: &str, payload: &[u8]) -> String {
        let input = format!("{}.{}", encode(header.as_bytes()), encode(payload));
        let signature = self.sign_bytes(input.as_bytes());
        format!("{input}.{}", encode(&signature))
    }

    fn sign_bytes(&self, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self.pair {
            Pair::Rsa(pair) => {
                let padding: &'static dyn aws_lc_rs::signature::RsaEncoding = match self.algorithm {
                    Algorithm::Rs256 => &RSA_PKCS1_SHA256,
                    Algorithm::Rs384 => &RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    Algorithm::Ps384 => &RSA_PSS_SHA384,
                    _ => &RSA_PSS_SHA512,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, input, &mut signature).expect("the buffer has its length");
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, input).expect("any input is signed").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(input).as_ref().to_vec(),
        }
    }
}

/// The set of these keys.
pub(crate) fn jwks<const N: usize>(keys: [Value; N]) -> Jwks {
    Jwks::parse(json!({ "keys": keys.to_vec() }).to_string().as_bytes()).expect("it is a JWKS")
}
