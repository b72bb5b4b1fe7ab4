//! One public key (RFC 7517), parsed once and bound to what it may verify.
//!
//! # Rules
//! 1. RSA keys verify RS and PS, P-256, P-384 and P-521 keys their ES, Ed25519 keys EdDSA; `alg` in a key
//!    leaves one of these, and another `alg` leaves none.
//! 2. A private or symmetric member drops the key: whoever published it has lost it.
//! 3. `use` is `sig` and `key_ops` has `verify`, where they are; a member of another type is wrong,
//!    never absent.
//! 4. Weak keys are dropped: see [`is_strong`], and Ed25519 points of small order. The library refuses
//!    a point that is not on its curve.

use std::fmt;

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512, digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaPublicKeyComponents,
};
use serde_json::{Map, Value};

use crate::jose::algorithm::Algorithm;
use crate::jose::base64url::decode;
use crate::jose::compact::Compact;
use crate::jose::error::{Stage, VerifyError};
use crate::jose::header::MAX_KEY_ID;
use crate::jose::rsa_strength::is_strong;

/// One key, under each algorithm that it may verify.
pub(crate) struct Key {
    id: Option<Box<str>>,
    thumbprint: [u8; 32],
    verifiers: Vec<(Algorithm, ParsedPublicKey)>,
}

impl Key {
    /// Reads a JWK; a key that must not verify anything is nothing.
    pub(crate) fn parse(jwk: &Map<String, Value>) -> Option<Self> {
        Self::parse_where(jwk, |_| true)
    }

    /// Reads a JWK to verify with one algorithm only, which costs less.
    pub(crate) fn parse_for(jwk: &Map<String, Value>, algorithm: Algorithm) -> Option<Self> {
        Self::parse_where(jwk, |known| known == algorithm)
    }

    fn parse_where(jwk: &Map<String, Value>, wanted: impl Fn(Algorithm) -> bool) -> Option<Self> {
        if PRIVATE.iter().any(|name| jwk.contains_key(*name)) || !is_for_verifying(jwk) {
            return None;
        }
        let id = optional_text(jwk, "kid")?;
        let only = match optional_text(jwk, "alg")? {
            Some(name) => Some(Algorithm::from_name(name)?),
            None => None,
        };
        let material = Material::read(jwk)?;
        let algorithms = material.algorithms().iter().copied();
        let verifiers: Vec<_> = algorithms
            .filter(|algorithm| wanted(*algorithm) && only.is_none_or(|only| only == *algorithm))
            .map(|algorithm| Some((algorithm, material.parse(algorithm)?)))
            .collect::<Option<_>>()?;
        if verifiers.is_empty() || id.is_some_and(|id| id.len() > MAX_KEY_ID) {
            return None;
        }
        Some(Self { id: id.map(Box::from), thumbprint: material.thumbprint(), verifiers })
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The SHA-256 thumbprint (RFC 7638): one key has one, whatever its name.
    pub(crate) fn thumbprint(&self) -> &[u8; 32] {
        &self.thumbprint
    }

    pub(crate) fn verifies(&self, algorithm: Algorithm) -> bool {
        self.verifier(algorithm).is_some()
    }

    /// Verifies the signature over the first two segments, as they came.
    pub(crate) fn check(&self, token: &Compact<'_>) -> Result<(), VerifyError> {
        let verifier = self
            .verifier(token.algorithm())
            .ok_or_else(|| VerifyError::new(Stage::Key, "the key is not for this algorithm"))?;
        // What the library does by itself in one step takes 200 to 400 ns more to set up.
        let verified = match digest_of(token.algorithm()) {
            Some(kind) => verifier.verify_digest_sig(&digest(kind, token.signed()), token.signature()),
            None => verifier.verify_sig(token.signed(), token.signature()),
        };
        verified.map_err(|_| VerifyError::new(Stage::Signature, "the key did not sign it"))
    }

    fn verifier(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        self.verifiers.iter().find(|(known, _)| *known == algorithm).map(|(_, key)| key)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<_> = self.verifiers.iter().map(|(algorithm, _)| algorithm).collect();
        f.debug_struct("Key").field("id", &self.id).field("algorithms", &algorithms).finish_non_exhaustive()
    }
}

/// What the key is made of, as it is written and as it is.
enum Material<'j> {
    Rsa { written: [&'j str; 2], n: Vec<u8>, e: Vec<u8> },
    Ec { curve: &'static Curve, written: [&'j str; 2], point: Vec<u8> },
    Ed25519 { written: &'j str, point: Vec<u8> },
}

struct Curve {
    name: &'static str,
    algorithm: [Algorithm; 1],
    /// The bytes of a coordinate.
    size: usize,
}

impl<'j> Material<'j> {
    fn read(jwk: &'j Map<String, Value>) -> Option<Self> {
        let text = |name: &str| optional_text(jwk, name)?;
        match text("kty")? {
            "RSA" => {
                let written = [text("n")?, text("e")?];
                let [n, e] = [decode(written[0])?, decode(written[1])?];
                is_strong(&n, &e).then_some(Self::Rsa { written, n, e })
            }
            "EC" => {
                let name = text("crv")?;
                let curve = CURVES.iter().find(|curve| curve.name == name)?;
                let written = [text("x")?, text("y")?];
                let [x, y] = [decode(written[0])?, decode(written[1])?];
                // Of full length (RFC 7518 §6.2.1.2), so that a key has one writing.
                let whole = x.len() == curve.size && y.len() == curve.size;
                whole.then(|| Self::Ec { curve, written, point: [&[4], &x[..], &y[..]].concat() })
            }
            "OKP" if text("crv")? == "Ed25519" => {
                let written = text("x")?;
                // The library reads other lengths as another encoding.
                let point = decode(written).filter(|point| point.len() == 32 && !is_of_small_order(point))?;
                Some(Self::Ed25519 { written, point })
            }
            _ => None,
        }
    }

    fn algorithms(&self) -> &'static [Algorithm] {
        use Algorithm::{EdDSA, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        match self {
            Self::Rsa { .. } => &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512],
            Self::Ec { curve, .. } => &curve.algorithm,
            Self::Ed25519 { .. } => &[EdDSA],
        }
    }

    fn parse(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        let parameters = match algorithm {
            Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Algorithm::Ps384 => &RSA_PSS_2048_8192_SHA384,
            Algorithm::Ps512 => &RSA_PSS_2048_8192_SHA512,
            Algorithm::Es256 => return self.parse_point(&ECDSA_P256_SHA256_FIXED),
            Algorithm::Es384 => return self.parse_point(&ECDSA_P384_SHA384_FIXED),
            Algorithm::Es512 => return self.parse_point(&ECDSA_P521_SHA512_FIXED),
            Algorithm::EdDSA => return self.parse_point(&ED25519),
        };
        let Self::Rsa { n, e, .. } = self else { return None };
        RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok()
    }

    fn parse_point(
        &self,
        algorithm: &'static dyn aws_lc_rs::signature::VerificationAlgorithm,
    ) -> Option<ParsedPublicKey> {
        match self {
            Self::Ec { point, .. } | Self::Ed25519 { point, .. } => {
                ParsedPublicKey::new(algorithm, point).ok()
            }
            Self::Rsa { .. } => None,
        }
    }

    /// The required members alone, in lexicographic order (RFC 7638 §3.2, RFC 8037 §2); what is
    /// written is base64url, which nothing in JSON escapes.
    fn thumbprint(&self) -> [u8; 32] {
        let members = match self {
            Self::Rsa { written: [n, e], .. } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::Ec { curve, written: [x, y], .. } => {
                format!(r#"{{"crv":"{}","kty":"EC","x":"{x}","y":"{y}"}}"#, curve.name)
            }
            Self::Ed25519 { written: x, .. } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
        };
        let mut thumbprint = [0; 32];
        thumbprint.copy_from_slice(digest(&SHA256, members.as_bytes()).as_ref());
        thumbprint
    }
}

/// What an algorithm signs the digest of; nothing for the one that signs the whole (RFC 8032 §5.1).
fn digest_of(algorithm: Algorithm) -> Option<&'static digest::Algorithm> {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => Some(&SHA256),
        Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => Some(&SHA384),
        Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::Es512 => Some(&SHA512),
        Algorithm::EdDSA => None,
    }
}

/// The text of a member, if it is there; nothing at all where it is of another type.
fn optional_text<'j>(jwk: &'j Map<String, Value>, name: &str) -> Option<Option<&'j str>> {
    match jwk.get(name) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text)),
        Some(_) => None,
    }
}

fn is_for_verifying(jwk: &Map<String, Value>) -> bool {
    let operations = match jwk.get("key_ops") {
        None => true,
        Some(Value::Array(all)) => all.iter().all(Value::is_string) && all.iter().any(|one| one == "verify"),
        Some(_) => false,
    };
    operations && jwk.get("use").is_none_or(|usage| usage == "sig")
}

/// Whether anybody can sign for the point: of these eight, and of their other writings, every
/// multiple is among them.
fn is_of_small_order(point: &[u8]) -> bool {
    let mut y = [0; 32];
    y.copy_from_slice(point);
    // The top bit is the sign of x.
    y[31] &= 0x7f;
    let edge = |low: u8| y[0] == low && y[31] == 0x7f && y[1..31].iter().all(|byte| *byte == 0xff);
    let small = y[1..].iter().all(|byte| *byte == 0) && y[0] <= 1;
    // p - 1, and 0 and 1 written as p and p + 1.
    small || (0xec..=0xee).any(edge) || y == ORDER_EIGHT || y == ORDER_EIGHT_NEGATED
}

static CURVES: [Curve; 3] = [
    Curve { name: "P-256", algorithm: [Algorithm::Es256], size: 32 },
    Curve { name: "P-384", algorithm: [Algorithm::Es384], size: 48 },
    Curve { name: "P-521", algorithm: [Algorithm::Es512], size: 66 },
];
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const ORDER_EIGHT: [u8; 32] = [
    0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
    0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
];
const ORDER_EIGHT_NEGATED: [u8; 32] = [
    0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
    0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
];

#[cfg(test)]
mod tests;
