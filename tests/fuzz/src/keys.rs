//! The keys of the RFCs' own examples: published with their private halves, so that no secret is here.
//!
//! RSA of RFC 7515 A.2 (RS256, PS256), P-256 of RFC 7515 A.3 (ES256), Ed25519 of RFC 8037 A.1 (EdDSA).

use std::sync::OnceLock;

use auth_layer::jose::Jwks;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A way to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The name of its key.
    #[must_use]
    pub const fn key_id(self) -> &'static str {
        match self {
            Self::Rs256 | Self::Ps256 => "rsa",
            Self::Es256 => "ec",
            Self::EdDsa => "ed",
        }
    }

    /// The public key, without a name.
    #[must_use]
    pub fn jwk(self) -> Value {
        match self {
            Self::Rs256 | Self::Ps256 => json!({ "kty": "RSA", "n": RSA[0], "e": RSA[1] }),
            Self::Es256 => json!({ "kty": "EC", "crv": "P-256", "x": EC[0], "y": EC[1] }),
            Self::EdDsa => json!({ "kty": "OKP", "crv": "Ed25519", "x": ED[0] }),
        }
    }

    /// A token of any two texts.
    #[must_use]
    pub fn sign(self, header: &str, payload: &[u8]) -> String {
        let input = format!("{}.{}", encode(header.as_bytes()), encode(payload));
        let signature = self.sign_bytes(input.as_bytes());
        format!("{input}.{}", encode(&signature))
    }

    fn sign_bytes(self, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rs256 => sign_rsa(&RSA_PKCS1_SHA256, &random, input),
            Self::Ps256 => sign_rsa(&RSA_PSS_SHA256, &random, input),
            Self::Es256 => ec_pair().sign(&random, input).expect("any input is signed").as_ref().to_vec(),
            Self::EdDsa => ed_pair().sign(input).as_ref().to_vec(),
        }
    }
}

/// The three public keys under their names, as a provider publishes them.
#[must_use]
pub fn document() -> String {
    let named = |algorithm: Algorithm| {
        let mut jwk = algorithm.jwk();
        jwk["kid"] = algorithm.key_id().into();
        jwk["use"] = "sig".into();
        jwk
    };
    json!({ "keys": [named(Algorithm::Rs256), named(Algorithm::Es256), named(Algorithm::EdDsa)] }).to_string()
}

/// The keys of [`document`].
pub fn published() -> &'static Jwks {
    static KEYS: OnceLock<Jwks> = OnceLock::new();
    KEYS.get_or_init(|| Jwks::parse(document().as_bytes()).expect("it is a JWKS"))
}

/// The thumbprint of a key (RFC 7638), from its members as they are written.
#[must_use]
pub fn thumbprint(jwk: &Value) -> Option<[u8; 32]> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let names: &[&str] = match text("kty")? {
        "RSA" => &["e", "kty", "n"],
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        _ => return None,
    };
    let members: Option<Vec<String>> =
        names.iter().map(|name| Some(format!("{:?}:{}", name, Value::from(text(name)?)))).collect();
    digest(&SHA256, format!("{{{}}}", members?.join(",")).as_bytes()).as_ref().try_into().ok()
}

#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Strict base64url without padding.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn sign_rsa(padding: &'static dyn RsaEncoding, random: &SystemRandom, input: &[u8]) -> Vec<u8> {
    let pair = rsa_pair();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(padding, random, input, &mut signature).expect("the buffer has its length");
    signature
}

fn rsa_pair() -> &'static RsaKeyPair {
    static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
    PAIR.get_or_init(|| {
        let [n, e, d, p, q, dp, dq, qi] = RSA.map(known);
        let public_key = PublicKeyComponents { n, e };
        let components = KeyPairComponents { public_key, d, p, q, dP: dp, dQ: dq, qInv: qi };
        RsaKeyPair::from_components(&components).expect("the key of RFC 7515 A.2")
    })
}

fn ec_pair() -> &'static EcdsaKeyPair {
    static PAIR: OnceLock<EcdsaKeyPair> = OnceLock::new();
    PAIR.get_or_init(|| {
        let [x, y, d] = EC.map(known);
        let point = [&[4], &x[..], &y[..]].concat();
        EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &d, &point)
            .expect("the key of RFC 7515 A.3")
    })
}

fn ed_pair() -> &'static Ed25519KeyPair {
    static PAIR: OnceLock<Ed25519KeyPair> = OnceLock::new();
    PAIR.get_or_init(|| {
        let [x, d] = ED.map(known);
        Ed25519KeyPair::from_seed_and_public_key(&d, &x).expect("the key of RFC 8037 A.1")
    })
}

fn known(text: &str) -> Vec<u8> {
    decode(text.as_bytes()).expect("an RFC's base64url")
}

/// `n`, `e`, `d`, `p`, `q`, `dp`, `dq`, `qi` of RFC 7515 A.2.
const RSA: [&str; 8] = [
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ\
     S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2\
     R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD\
     TW9gb54h4FRWyuXpoQ",
    "AQAB",
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_G\
     O-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQl\
     BjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0\
     QU91p1DhOVRuOopznQ",
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2\
     KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
    "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_\
     HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
    "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vm\
     AktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
    "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9c\
     jz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
    "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnb\
     JtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U",
];
/// `x`, `y`, `d` of RFC 7515 A.3.
const EC: [&str; 3] = [
    "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
];
/// `x`, `d` of RFC 8037 A.1.
const ED: [&str; 2] =
    ["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"];
