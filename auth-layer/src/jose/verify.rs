//! From a compact JWS to claims that its key has signed (RFC 7515 §5.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::jose::json::parse_strict;
use crate::jose::jwks::{Jwks, Key};

/// What a key has signed.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) algorithm: String,
    /// The header's `typ`, in lower case.
    pub(crate) kind: Option<String>,
    pub(crate) claims: Map<String, Value>,
}

/// Where a token failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Format,
    Header,
    Key,
    Signature,
    Claims,
}

/// A token that was not accepted; holds nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token fails at its {stage:?}: {why}")]
pub(crate) struct VerifyError {
    stage: Stage,
    why: &'static str,
}

impl VerifyError {
    pub(crate) const fn new(stage: Stage, why: &'static str) -> Self {
        Self { stage, why }
    }

    pub(crate) const fn stage(self) -> Stage {
        self.stage
    }

    /// Whether newer keys might help.
    pub(crate) const fn is_unknown_key(self) -> bool {
        matches!(self.stage, Stage::Key)
    }
}

impl Jwks {
    /// Verifies the signature and reads the claims; what they say is not judged here.
    pub(crate) fn verify(&self, token: &str) -> Result<Verified, VerifyError> {
        let format = |why| VerifyError::new(Stage::Format, why);
        if token.len() > MAX_BYTES {
            return Err(format("it is larger than 16 KiB"));
        }
        let mut segments = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (segments.next(), segments.next(), segments.next(), segments.next())
        else {
            return Err(format("it has not three segments"));
        };
        let decode =
            |segment: &str| URL_SAFE_NO_PAD.decode(segment).map_err(|_| format("a segment is no base64url"));
        let members =
            parse_strict(&decode(header)?).ok_or(VerifyError::new(Stage::Header, "it is no object"))?;
        let head = Header::read(&members)?;
        let signature = decode(signature)?;
        let payload_bytes = decode(payload)?;
        let key = self.find(&head)?;
        let verifier = key
            .verifier(head.algorithm)
            .ok_or(VerifyError::new(Stage::Key, "the key is not for this algorithm"))?;
        // The signature covers the first two segments as they came.
        let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
        verifier
            .verify_sig(signed, &signature)
            .map_err(|_| VerifyError::new(Stage::Signature, "the key did not sign it"))?;
        let claims = parse_strict(&payload_bytes)
            .ok_or(VerifyError::new(Stage::Claims, "they are no object of unique members"))?;
        Ok(Verified { algorithm: head.algorithm.to_owned(), kind: head.kind, claims })
    }

    /// By `kid`; without one, only where exactly one key fits.
    fn find(&self, head: &Header<'_>) -> Result<&Key, VerifyError> {
        let mut fitting = self.keys.iter().filter(|key| match head.key_id {
            Some(id) => key.id.as_deref() == Some(id),
            None => key.verifier(head.algorithm).is_some(),
        });
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(VerifyError::new(Stage::Key, "no key of the provider fits")),
            (Some(_), Some(_)) => Err(VerifyError::new(Stage::Key, "several keys fit")),
        }
    }
}

struct Header<'a> {
    algorithm: &'a str,
    key_id: Option<&'a str>,
    kind: Option<String>,
}

impl<'a> Header<'a> {
    fn read(members: &'a Map<String, Value>) -> Result<Self, VerifyError> {
        let wrong = |why| VerifyError::new(Stage::Header, why);
        // A member of another type is wrong, never absent.
        let text = |name: &str, why| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(wrong(why)),
        };
        if members.contains_key("crit") {
            return Err(wrong("it has critical extensions"));
        }
        if members.contains_key("b64") || members.contains_key("zip") || members.contains_key("enc") {
            return Err(wrong("it is no plain signature"));
        }
        let algorithm = text("alg", "alg is no string")?.ok_or(wrong("it has no alg"))?;
        if !ALGORITHMS.contains(&algorithm) {
            return Err(wrong("its alg is not allowed"));
        }
        let key_id = text("kid", "kid is no string")?;
        if key_id.is_some_and(|id| id.len() > MAX_KEY_ID) {
            return Err(wrong("kid is longer than 256 bytes"));
        }
        let kind = text("typ", "typ is no string")?.map(str::to_ascii_lowercase);
        Ok(Self { algorithm, key_id, kind })
    }
}

const ALGORITHMS: &[&str] =
    &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];
const MAX_BYTES: usize = 16 * 1024;
const MAX_KEY_ID: usize = 256;
