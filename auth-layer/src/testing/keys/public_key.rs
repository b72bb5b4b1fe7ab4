//! Public keys as others send them: a JWK (RFC 7517 §4), its thumbprint, and what it verifies.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Value, json};

use super::algorithm::SigningAlgorithm;
use crate::testing::encoding::{base64url, base64url_bytes, sha256};

/// A public key that fits an algorithm.
#[derive(Debug)]
pub(in crate::testing) enum PublicKey {
    Rsa(SigningAlgorithm, RsaPublicKeyComponents<Vec<u8>>),
    /// An uncompressed point (SEC 1 §2.3.3).
    Ec(SigningAlgorithm, Vec<u8>),
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Reads a JWK for an algorithm, or nothing where the key is of another type.
    pub(in crate::testing) fn of_jwk(algorithm: SigningAlgorithm, jwk: &Value) -> Option<Self> {
        let is = |kty: &str, crv: Option<&str>| jwk["kty"] == kty && jwk["crv"].as_str() == crv;
        let coordinate = |member: &str, length: usize| {
            base64url_bytes(jwk[member].as_str()?).filter(|bytes| bytes.len() == length)
        };
        let point = |length| Some([vec![4], coordinate("x", length)?, coordinate("y", length)?].concat());
        match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
                let integer = |member: &str| base64url_bytes(jwk[member].as_str()?);
                let components =
                    is("RSA", None).then_some(()).and_then(|()| Some((integer("n")?, integer("e")?)));
                components.map(|(n, e)| Self::Rsa(algorithm, RsaPublicKeyComponents { n, e }))
            }
            SigningAlgorithm::Es256 if is("EC", Some("P-256")) => Some(Self::Ec(algorithm, point(32)?)),
            SigningAlgorithm::Es384 if is("EC", Some("P-384")) => Some(Self::Ec(algorithm, point(48)?)),
            SigningAlgorithm::EdDsa if is("OKP", Some("Ed25519")) => {
                Some(Self::Ed25519(coordinate("x", 32)?))
            }
            SigningAlgorithm::Es256 | SigningAlgorithm::Es384 | SigningAlgorithm::EdDsa => None,
        }
    }

    /// Returns whether `signature` is this key's over `input`.
    pub(in crate::testing) fn verifies(&self, input: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa(SigningAlgorithm::Ps256, key) => {
                key.verify(&RSA_PSS_2048_8192_SHA256, input, signature)
            }
            Self::Rsa(_, key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, input, signature),
            Self::Ec(SigningAlgorithm::Es384, point) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(input, signature)
            }
            Self::Ec(_, point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(input, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(input, signature),
        }
        .is_ok()
    }
}

/// Returns the thumbprint of a JWK (RFC 7638), in base64url, or nothing where a member is missing.
pub(in crate::testing) fn thumbprint(jwk: &Value) -> Option<String> {
    let member = |name: &str| jwk[name].as_str();
    // RFC 7638 §3.2: the required members alone, written here in the lexicographic order.
    let required = match member("kty")? {
        "RSA" => json!({ "e": member("e")?, "kty": "RSA", "n": member("n")? }),
        "EC" => json!({ "crv": member("crv")?, "kty": "EC", "x": member("x")?, "y": member("y")? }),
        "OKP" => json!({ "crv": member("crv")?, "kty": "OKP", "x": member("x")? }),
        _ => return None,
    };
    Some(base64url(sha256(required.to_string().as_bytes())))
}
