//! Signing keys (RFC 7517, RFC 7518): generated here, published at `/jwks`, rotated on demand.
//!
//! # Rules
//! 1. Keys are made once per process and shared by its providers, since an RSA key costs a test
//!    more than all else it does. A provider that must not share asks for its own keys.
//! 2. A key's `kid` is its thumbprint (RFC 7638): one key has one name everywhere.
//! 3. A dropped key signs nothing and is not published. It still recognises an ID token hint,
//!    which may be of any age (OpenID Connect RP-Initiated Logout 1.0 §2).

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

use super::encoding::{base64url, base64url_bytes, sha256};

/// How tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 and a key of 2048 bits, the default.
    #[default]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl SigningAlgorithm {
    /// Returns the name of RFC 7518 §3.1.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// Whether a provider signs with the keys of its process or with its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum KeySource {
    #[default]
    Shared,
    Own,
}

/// One key pair.
pub(super) struct SigningKey {
    kid: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

impl SigningKey {
    fn generate(algorithm: SigningAlgorithm) -> Self {
        let pair = match algorithm {
            SigningAlgorithm::Rs256 => {
                Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("RSA keys of 2048 bits are made"))
            }
            SigningAlgorithm::Es256 => Pair::Ec(
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("P-256 keys are made"),
            ),
        };
        // RFC 7638 §3: the required members alone, in lexicographic order, which is the order
        // that serde_json's map keeps.
        let kid = base64url(sha256(pair.required_members().to_string().as_bytes()));
        Self { kid, pair }
    }

    /// Returns the public key as a JWK (RFC 7517 §4).
    pub(super) fn jwk(&self) -> Value {
        let mut jwk = self.pair.required_members();
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm().name());
        jwk
    }

    /// Returns `claims` as a JWT in compact serialisation (RFC 7515 §3.1), with header `typ`.
    pub(super) fn sign(&self, typ: &str, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm().name(), "kid": self.kid, "typ": typ });
        self.sign_with_header(&header, claims)
    }

    /// Returns `claims` signed under any `header`, also one that lies about the key.
    pub(super) fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let header = base64url(header.to_string());
        let input = format!("{header}.{}", base64url(claims.to_string()));
        let signature = self.pair.sign(input.as_bytes());
        format!("{input}.{}", base64url(signature))
    }

    fn algorithm(&self) -> SigningAlgorithm {
        match self.pair {
            Pair::Rsa(_) => SigningAlgorithm::Rs256,
            Pair::Ec(_) => SigningAlgorithm::Es256,
        }
    }
}

impl Pair {
    fn required_members(&self) -> Value {
        match self {
            Self::Rsa(pair) => {
                let [modulus, exponent] = rsa_integers(pair.public_key().as_ref());
                json!({ "e": base64url(exponent), "kty": "RSA", "n": base64url(modulus) })
            }
            Self::Ec(pair) => {
                // An uncompressed point: 0x04, then x and y of 32 bytes each.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "crv": "P-256", "kty": "EC", "x": base64url(x), "y": base64url(y) })
            }
        }
    }

    fn sign(&self, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature)
                    .expect("the buffer has the modulus' length");
                signature
            }
            Self::Ec(pair) => pair.sign(&random, input).expect("P-256 signs any message").as_ref().to_vec(),
        }
    }

    fn verifies(&self, input: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa(pair) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
                    .verify(input, signature)
                    .is_ok()
            }
            Self::Ec(pair) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())
                .verify(input, signature)
                .is_ok(),
        }
    }
}

/// The keys of one provider: the one that signs, those still published, and those dropped.
pub(super) struct KeyRing {
    algorithm: SigningAlgorithm,
    source: KeySource,
    current: Arc<SigningKey>,
    published: Vec<Arc<SigningKey>>,
    dropped: Vec<Arc<SigningKey>>,
}

impl KeyRing {
    pub(super) fn new(algorithm: SigningAlgorithm, source: KeySource) -> Self {
        Self {
            algorithm,
            source,
            current: key(algorithm, source, 0),
            published: Vec::new(),
            dropped: Vec::new(),
        }
    }

    /// Returns the key that signs.
    pub(super) fn current(&self) -> &SigningKey {
        &self.current
    }

    /// Signs with a new key from now on; the old ones stay published, or are dropped.
    pub(super) fn rotate(&mut self, keep_old: bool) {
        let generation = 1 + self.published.len() + self.dropped.len();
        let next = key(self.algorithm, self.source, generation);
        self.published.push(std::mem::replace(&mut self.current, next));
        if !keep_old {
            self.dropped.append(&mut self.published);
        }
    }

    /// Returns the JWK set (RFC 7517 §5), the signing key first.
    pub(super) fn jwks(&self) -> Value {
        let keys: Vec<Value> =
            std::iter::once(&self.current).chain(&self.published).map(|key| key.jwk()).collect();
        json!({ "keys": keys })
    }

    /// Returns the claims of a JWT which any key of this ring signed, dropped ones included.
    pub(super) fn claims_signed_here(&self, token: &str) -> Option<Value> {
        let (input, signature) = token.rsplit_once('.')?;
        let (_, claims) = input.split_once('.')?;
        let signature = base64url_bytes(signature)?;
        std::iter::once(&self.current)
            .chain(&self.published)
            .chain(&self.dropped)
            .any(|key| key.pair.verifies(input.as_bytes(), &signature))
            .then(|| serde_json::from_slice(&base64url_bytes(claims)?).ok())?
    }
}

/// Returns the key of a generation; equal for every sharing provider of this process.
fn key(algorithm: SigningAlgorithm, source: KeySource, generation: usize) -> Arc<SigningKey> {
    static RSA: OnceLock<Mutex<Vec<Arc<SigningKey>>>> = OnceLock::new();
    static EC: OnceLock<Mutex<Vec<Arc<SigningKey>>>> = OnceLock::new();
    let shared = match (source, algorithm) {
        (KeySource::Own, _) => return Arc::new(SigningKey::generate(algorithm)),
        (KeySource::Shared, SigningAlgorithm::Rs256) => &RSA,
        (KeySource::Shared, SigningAlgorithm::Es256) => &EC,
    };
    let mut keys = shared.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    while keys.len() <= generation {
        keys.push(Arc::new(SigningKey::generate(algorithm)));
    }
    Arc::clone(&keys[generation])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_verifies_until_a_bit_changes() {
        for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
            let ring = KeyRing::new(algorithm, KeySource::Shared);
            let token = ring.current().sign("JWT", &json!({ "sub": "ada" }));
            assert_eq!(ring.claims_signed_here(&token).unwrap()["sub"], "ada");
            let forged = base64url(r#"{"sub":"bob"}"#);
            let mut parts: Vec<&str> = token.split('.').collect();
            parts[1] = &forged;
            assert!(ring.claims_signed_here(&parts.join(".")).is_none());
        }
    }

    #[test]
    fn rotation_publishes_the_old_key_only_where_it_is_kept() {
        let mut ring = KeyRing::new(SigningAlgorithm::Es256, KeySource::Own);
        let first = ring.current().kid.clone();
        ring.rotate(true);
        assert_eq!(ring.jwks()["keys"].as_array().unwrap().len(), 2);
        assert_eq!(ring.jwks()["keys"][1]["kid"], first.as_str());
        ring.rotate(false);
        assert_eq!(ring.jwks()["keys"].as_array().unwrap().len(), 1);
        assert_ne!(ring.jwks()["keys"][0]["kid"], first.as_str());
    }

    #[test]
    fn an_rsa_key_has_a_modulus_of_2048_bits_and_no_leading_zero() {
        let ring = KeyRing::new(SigningAlgorithm::Rs256, KeySource::Shared);
        let modulus = base64url_bytes(ring.current().jwk()["n"].as_str().unwrap()).unwrap();
        assert_eq!(modulus.len(), 256);
        assert!(modulus[0] >= 0x80);
        assert_eq!(ring.current().jwk()["e"], "AQAB");
    }

    #[test]
    fn two_providers_share_a_key_unless_one_has_its_own() {
        let kid = |source| KeyRing::new(SigningAlgorithm::Es256, source).current().kid.clone();
        assert_eq!(kid(KeySource::Shared), kid(KeySource::Shared));
        assert_ne!(kid(KeySource::Shared), kid(KeySource::Own));
    }
}
