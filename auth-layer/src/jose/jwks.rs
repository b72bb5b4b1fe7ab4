//! A provider's public keys (RFC 7517), each parsed once and bound to what it may verify.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::jose::json::parse_strict;

/// The keys of a provider.
#[derive(Debug, Default)]
pub(crate) struct Jwks {
    pub(crate) keys: Vec<Key>,
}

/// One key, under each algorithm that it may verify.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) id: Option<String>,
    verifiers: Vec<(&'static str, ParsedPublicKey)>,
}

/// The document is no JWKS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document is no JWKS: it must be JSON with an array `keys`, of 1 MiB and 100 keys at most")]
pub(crate) struct JwksError;

impl Jwks {
    pub(crate) fn parse(document: &[u8]) -> Result<Self, JwksError> {
        if document.len() > MAX_BYTES {
            return Err(JwksError);
        }
        let mut object = parse_strict(document).ok_or(JwksError)?;
        let Some(Value::Array(members)) = object.remove("keys") else { return Err(JwksError) };
        if members.len() > MAX_KEYS {
            return Err(JwksError);
        }
        // One bad key is no reason to lose the good ones.
        Ok(Self { keys: members.iter().filter_map(|member| Key::parse(member.as_object()?)).collect() })
    }
}

impl Jwks {
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl Key {
    pub(crate) fn verifier(&self, algorithm: &str) -> Option<&ParsedPublicKey> {
        self.verifiers.iter().find(|(name, _)| *name == algorithm).map(|(_, key)| key)
    }

    fn parse(jwk: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(|value| URL_SAFE_NO_PAD.decode(value).ok());
        let private = ["d", "p", "q", "dp", "dq", "qi", "k"].iter().any(|name| jwk.contains_key(*name));
        let not_for_signing = jwk.get("use").is_some_and(|usage| usage != "sig");
        let cannot_verify = jwk
            .get("key_ops")
            .is_some_and(|ops| !ops.as_array().is_some_and(|ops| ops.iter().any(|op| op == "verify")));
        // A member of another type is wrong, never absent.
        let mistyped =
            ["kid", "alg"].iter().any(|name| jwk.get(*name).is_some_and(|member| !member.is_string()));
        if private
            || mistyped
            || not_for_signing
            || cannot_verify
            || text("kid").is_some_and(|kid| kid.len() > MAX_KEY_ID)
        {
            return None;
        }
        let verifiers = match (text("kty")?, text("crv")) {
            ("RSA", _) => rsa(&bytes("n")?, &bytes("e")?)?,
            ("EC", Some("P-256")) => curve("ES256", &ECDSA_P256_SHA256_FIXED, 32, bytes("x")?, bytes("y")?)?,
            ("EC", Some("P-384")) => curve("ES384", &ECDSA_P384_SHA384_FIXED, 48, bytes("x")?, bytes("y")?)?,
            ("OKP", Some("Ed25519")) => vec![("EdDSA", ParsedPublicKey::new(&ED25519, bytes("x")?).ok()?)],
            _ => return None,
        };
        let only = text("alg");
        let verifiers: Vec<_> =
            verifiers.into_iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
        (!verifiers.is_empty()).then(|| Self { id: text("kid").map(str::to_owned), verifiers })
    }
}

fn rsa(n: &[u8], e: &[u8]) -> Option<Vec<(&'static str, ParsedPublicKey)>> {
    let parameters: [(&str, &'static RsaParameters); 6] = [
        ("RS256", &RSA_PKCS1_2048_8192_SHA256),
        ("RS384", &RSA_PKCS1_2048_8192_SHA384),
        ("RS512", &RSA_PKCS1_2048_8192_SHA512),
        ("PS256", &RSA_PSS_2048_8192_SHA256),
        ("PS384", &RSA_PSS_2048_8192_SHA384),
        ("PS512", &RSA_PSS_2048_8192_SHA512),
    ];
    // 2048 bits at least (RFC 7518 §3.3), and an odd exponent over 1.
    let weak = n.len() < 256 || n.first().is_none_or(|first| *first == 0);
    let bad_exponent = e.last().is_none_or(|last| last % 2 == 0) || e == [1] || e.len() > 4;
    if weak || bad_exponent {
        return None;
    }
    let components = RsaPublicKeyComponents { n, e };
    let parse = |(name, parameters)| Some((name, components.to_parsed_public_key(parameters).ok()?));
    parameters.into_iter().map(parse).collect()
}

/// The library refuses a point that is not on its curve.
fn curve(
    name: &'static str,
    algorithm: &'static dyn VerificationAlgorithm,
    size: usize,
    x: Vec<u8>,
    y: Vec<u8>,
) -> Option<Vec<(&'static str, ParsedPublicKey)>> {
    if x.len() != size || y.len() != size {
        return None;
    }
    let point = [&[4], &x[..], &y[..]].concat();
    Some(vec![(name, ParsedPublicKey::new(algorithm, point).ok()?)])
}

const MAX_BYTES: usize = 1024 * 1024;
const MAX_KEYS: usize = 100;
const MAX_KEY_ID: usize = 256;
