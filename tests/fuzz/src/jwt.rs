//! Compact tokens: taken apart, and verified with the published keys.
//!
//! # Invariants
//! 1. What verifies was signed, byte for byte. A signature of ES256 has a twin of the same key and text
//!    (`s` and `n - s`), which RFC 7518 §3.4 does not forbid; nothing else may differ.
//! 2. Stages come in their order: a segment that is no base64url fails at the format, whatever else is
//!    wrong with it, a header that is no object at the header, and nobody's key is looked for before that.
//! 3. A token is judged twice alike, and its parts are the bytes that it is made of.

use auth_layer::fuzzing;
use auth_layer::jose::Stage;

use crate::json::Json;
use crate::keys::{self, decode};
use crate::signed;

/// Takes a token.
pub fn jwt(data: &[u8]) {
    let Ok(token) = str::from_utf8(data) else { return };
    let verified = keys::published().verify(token);
    let again = keys::published().verify(token);
    assert_eq!(verified.as_ref().err(), again.as_ref().err(), "the same token is judged in two ways");
    let segments = segments(token);
    match (&verified, &segments) {
        (Ok(_), None) => panic!("what has no three segments of base64url verifies"),
        (Err(error), None) => assert_eq!(error.stage(), Stage::Format, "{error}"),
        (Err(error), Some(segments)) => check_stage(error.stage(), segments),
        (Ok(signed), Some([header, payload, signature])) => {
            let is_original = signed::is_signed("", data) || signed::is_twin("", token);
            assert!(is_original, "a forgery verifies: {signature:?}");
            assert_eq!(signed.payload(), payload);
            assert_eq!(signed.key_id(), Json::parse(header).expect("a signed header is JSON").text("kid"));
            check_claims(payload, signed.claims().is_ok());
        }
    }
    check_parts(token, segments.as_ref());
}

/// The bytes of the three segments, where each is strict base64url.
fn segments(token: &str) -> Option<[Vec<u8>; 3]> {
    if token.len() > MAX_BYTES {
        return None;
    }
    let segments: Option<Vec<Vec<u8>>> = token.split('.').map(|segment| decode(segment.as_bytes())).collect();
    segments?.try_into().ok()
}

fn check_stage(stage: Stage, [header, _, _]: &[Vec<u8>; 3]) {
    assert!(!matches!(stage, Stage::Format | Stage::Claims), "the form is good, and claims are not read");
    let header = Json::parse(header);
    let named = header.as_ref().and_then(|header| header.text("alg"));
    let is_bad = |header: &Json| header.repeats() || named.is_none_or(|name| !ALGORITHMS.contains(&name));
    if header.as_ref().is_some_and(is_bad) {
        assert_eq!(stage, Stage::Header, "{header:?}");
    }
    if stage == Stage::Signature {
        let Some(header) = &header else { return };
        let fits: &[&str] = match named {
            Some("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512") => &["rsa"],
            Some("ES256") => &["ec"],
            Some("EdDSA" | "Ed25519") => &["ed"],
            _ => &[],
        };
        assert!(!fits.is_empty(), "an algorithm that no key has reaches a signature: {header:?}");
        assert!(
            header.text("kid").is_none_or(|kid| fits.contains(&kid)),
            "the key of another name: {header:?}"
        );
    }
}

fn check_claims(payload: &[u8], read: bool) {
    let json = Json::parse(payload);
    let good = json.is_some_and(|json| json.is_object() && !json.repeats_within());
    assert_eq!(read, good, "claims are read as no other reader reads them");
}

fn check_parts(token: &str, segments: Option<&[Vec<u8>; 3]>) {
    let Ok(parts) = fuzzing::compact(token) else { return };
    let [header, payload, signature] = segments.expect("a good form has three segments");
    assert_eq!((&parts.payload, &parts.signature), (payload, signature));
    assert_eq!(Some(&parts.signed[..]), token.rsplit_once('.').map(|(signed, _)| signed.as_bytes()));
    // A number beyond all measure or half a character, in what is not read: JSON by its grammar alone.
    let Some(header) = Json::parse(header) else { return };
    assert!(header.is_object() && !header.repeats() && header.get("crit").is_none(), "{header:?}");
    let algorithm = header.text("alg").map(|name| if name == "Ed25519" { "EdDSA" } else { name });
    assert_eq!(algorithm, Some(parts.algorithm));
    assert_eq!(header.text("kid"), parts.key_id.as_deref());
    assert_eq!(header.text("typ").is_some(), parts.kind.is_some());
}

const MAX_BYTES: usize = 16 * 1024;
const ALGORITHMS: [&str; 11] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
