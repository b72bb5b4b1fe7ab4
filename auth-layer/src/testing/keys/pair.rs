//! Key pairs: made here, signing JWTs in compact serialisation (RFC 7515 §3.1).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

use super::algorithm::SigningAlgorithm;
use super::public_key::{PublicKey, thumbprint};
use crate::testing::encoding::base64url;

/// A key pair of one algorithm.
pub(in crate::testing) struct KeyPair {
    algorithm: SigningAlgorithm,
    thumbprint: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl KeyPair {
    pub(in crate::testing) fn generate(algorithm: SigningAlgorithm) -> Self {
        let ec = |curve| Pair::Ec(EcdsaKeyPair::generate(curve).expect("keys on a NIST curve are made"));
        let pair = match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
                Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("RSA keys of 2048 bits are made"))
            }
            SigningAlgorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            SigningAlgorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            SigningAlgorithm::EdDsa => {
                Pair::Ed25519(Ed25519KeyPair::generate().expect("keys on Ed25519 are made"))
            }
        };
        let jwk = pair.public_jwk(algorithm);
        let thumbprint = thumbprint(&jwk).expect("a public key of ours has its required members");
        Self { algorithm, thumbprint, pair }
    }

    pub(in crate::testing) fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Returns the thumbprint of the public key (RFC 7638).
    pub(in crate::testing) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Returns the public key as a JWK with its required members alone.
    pub(in crate::testing) fn public_jwk(&self) -> Value {
        self.pair.public_jwk(self.algorithm)
    }

    /// Returns `claims` signed under any `header`, also one that lies about the key.
    pub(in crate::testing) fn sign(&self, header: &Value, claims: &Value) -> String {
        let header = base64url(header.to_string());
        let input = format!("{header}.{}", base64url(claims.to_string()));
        let signature = self.pair.sign(self.algorithm, input.as_bytes());
        format!("{input}.{}", base64url(signature))
    }

    pub(super) fn verifies(&self, input: &[u8], signature: &[u8]) -> bool {
        PublicKey::of_jwk(self.algorithm, &self.public_jwk())
            .is_some_and(|key| key.verifies(input, signature))
    }
}

impl Pair {
    fn public_jwk(&self, algorithm: SigningAlgorithm) -> Value {
        match self {
            Self::Rsa(pair) => {
                let [modulus, exponent] = rsa_integers(pair.public_key().as_ref());
                json!({ "e": base64url(exponent), "kty": "RSA", "n": base64url(modulus) })
            }
            Self::Ec(pair) => {
                // An uncompressed point: 0x04, then x and y of one length.
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if algorithm == SigningAlgorithm::Es384 { "P-384" } else { "P-256" };
                json!({ "crv": curve, "kty": "EC", "x": base64url(x), "y": base64url(y) })
            }
            Self::Ed25519(pair) => {
                json!({ "crv": "Ed25519", "kty": "OKP", "x": base64url(pair.public_key()) })
            }
        }
    }

    fn sign(&self, algorithm: SigningAlgorithm, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let padding = match algorithm {
                    SigningAlgorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, input, &mut signature)
                    .expect("the buffer has the modulus' length");
                signature
            }
            Self::Ec(pair) => {
                pair.sign(&random, input).expect("a NIST curve signs any message").as_ref().to_vec()
            }
            Self::Ed25519(pair) => pair.sign(input).as_ref().to_vec(),
        }
    }
}

/// Returns modulus and exponent of an `RSAPublicKey` in DER (RFC 8017 §A.1.1), unsigned.
fn rsa_integers(der: &[u8]) -> [&[u8]; 2] {
    let (sequence, _) = der_value(der);
    let (modulus, rest) = der_value(sequence);
    let (exponent, _) = der_value(rest);
    // DER puts a zero before an integer whose top bit is set; a JWK does not (RFC 7518 §2).
    [modulus, exponent].map(|integer| integer.strip_prefix(&[0]).unwrap_or(integer))
}

/// Returns the first value of `der` and what follows it. Our own key is well-formed.
fn der_value(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, header) = match der[1] {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let octets = usize::from(long & 0x7f);
            let length = der[2..2 + octets].iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
            (length, 2 + octets)
        }
    };
    der[header..].split_at(length)
}
