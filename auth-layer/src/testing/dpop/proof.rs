//! The check of a proof (RFC 9449 §4.3).

use serde_json::Value;
use url::Url;

use super::proofs::Proofs;
use crate::clock::Timestamp;
use crate::testing::encoding::{base64url, base64url_bytes, sha256};
use crate::testing::keys::{PublicKey, SigningAlgorithm, thumbprint};
use crate::testing::refusal::Refusal;
use crate::testing::settings::{PROOF_WINDOW, ProofNonce};
use crate::testing::state::Request;

/// What a proof has to be for.
pub(in crate::testing) struct Expected<'a> {
    pub(in crate::testing) url: &'a str,
    pub(in crate::testing) access_token: Option<&'a str>,
    pub(in crate::testing) nonce: ProofNonce,
}

/// Returns the thumbprint of the key that the request proves, or nothing where it proves none.
pub(in crate::testing) fn presented(
    proofs: &mut Proofs,
    now: Timestamp,
    request: &Request,
    expected: &Expected<'_>,
) -> Result<Option<String>, Refusal> {
    let mut headers = request.headers().get_all("dpop").iter();
    let Some(header) = headers.next() else {
        return Ok(None);
    };
    if headers.next().is_some() {
        return Err(Refusal::invalid_dpop_proof("there is more than one DPoP header"));
    }
    let proof = header.to_str().map_err(|_| Refusal::invalid_dpop_proof("the proof is no JWT"))?;
    let proven =
        judge(proof, request.method().as_str(), expected, now).map_err(Refusal::invalid_dpop_proof)?;
    if expected.nonce == ProofNonce::Demanded
        && !proven.nonce.as_deref().is_some_and(|nonce| proofs.gave(nonce, now))
    {
        return Err(Refusal::use_dpop_nonce(proofs.give_nonce(now)));
    }
    if !proofs.is_first(&proven.key, &proven.jti, now) {
        return Err(Refusal::invalid_dpop_proof("the proof was seen before"));
    }
    Ok(Some(proven.key))
}

/// A proof that is good as far as it tells by itself.
#[derive(Debug)]
struct Proven {
    key: String,
    jti: String,
    nonce: Option<String>,
}

fn judge(proof: &str, method: &str, expected: &Expected<'_>, now: Timestamp) -> Result<Proven, &'static str> {
    let (input, signature) = proof.rsplit_once('.').ok_or("the proof is no JWT")?;
    let (header, claims) = input.split_once('.').ok_or("the proof is no JWT")?;
    let [header, claims] = [header, claims].map(object);
    let (header, claims) = header.zip(claims).ok_or("the proof is no JWT")?;
    let signature = base64url_bytes(signature).ok_or("the proof is no JWT")?;

    if header["typ"] != "dpop+jwt" {
        return Err("typ is not dpop+jwt");
    }
    let algorithm = header["alg"].as_str().and_then(SigningAlgorithm::named);
    let algorithm = algorithm.ok_or("alg is none that the provider takes")?;
    if header.get("crit").is_some() {
        return Err("crit names an extension");
    }
    let jwk = &header["jwk"];
    if PRIVATE_MEMBERS.iter().any(|member| jwk.get(member).is_some()) {
        return Err("jwk is a private key");
    }
    let key = PublicKey::of_jwk(algorithm, jwk).ok_or("jwk is no key of the algorithm")?;
    if !key.verifies(input.as_bytes(), &signature) {
        return Err("the signature is not of the key in jwk");
    }

    if claims["htm"] != method {
        return Err("htm is another method");
    }
    if !claims["htu"].as_str().is_some_and(|target| is_same(target, expected.url)) {
        return Err("htu is another URL");
    }
    let issued = claims["iat"].as_u64().map(Timestamp::from_unix_seconds).ok_or("iat is missing")?;
    if now.since(issued) > PROOF_WINDOW || issued.since(now) > PROOF_WINDOW {
        return Err("iat is not of this minute");
    }
    let jti = claims["jti"].as_str().filter(|jti| !jti.is_empty()).ok_or("jti is missing")?;
    if let Some(token) = expected.access_token
        && claims["ath"] != base64url(sha256(token.as_bytes()))
    {
        return Err("ath is of another token");
    }
    Ok(Proven {
        key: thumbprint(jwk).ok_or("jwk is no key of the algorithm")?,
        jti: jti.to_owned(),
        nonce: claims["nonce"].as_str().map(str::to_owned),
    })
}

fn object(segment: &str) -> Option<Value> {
    serde_json::from_slice(&base64url_bytes(segment)?).ok().filter(Value::is_object)
}

/// Compares as URLs (RFC 3986 §6.2.2, §6.2.3), without query and fragment.
fn is_same(target: &str, expected: &str) -> bool {
    let normal = |url: &str| {
        let mut url = Url::parse(url).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    normal(target).is_some_and(|target| Some(target) == normal(expected))
}

/// The members of RFC 7518 §6 and RFC 8037 §2 that only the owner of a key may know.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

#[cfg(test)]
mod tests {
    use super::*;

    /// The proof of RFC 9449 §5, figure 2.
    const PUBLISHED: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dE\
        ZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5\
        VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6I\
        mh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8ig\
        iMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

    fn judged(method: &str, url: &str, now: u64) -> Result<Proven, &'static str> {
        let expected = Expected { url, access_token: None, nonce: ProofNonce::Unasked };
        judge(PUBLISHED, method, &expected, Timestamp::from_unix_seconds(now))
    }

    #[test]
    fn the_proof_of_the_rfc_is_good_for_its_request_at_its_time() {
        let proven = judged("POST", "https://server.example.com/token", 1_562_262_616).unwrap();
        // The `jkt` of RFC 9449 §6.1, figure 9.
        assert_eq!(proven.key, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        assert_eq!(proven.jti, "-BwC3ESc6acc2lTc");
        for (name, method, url, now) in [
            ("another method", "GET", "https://server.example.com/token", 1_562_262_616),
            ("another path", "POST", "https://server.example.com/other", 1_562_262_616),
            ("another host", "POST", "https://server.example/token", 1_562_262_616),
            ("another scheme", "POST", "http://server.example.com/token", 1_562_262_616),
            ("too old", "POST", "https://server.example.com/token", 1_562_262_677),
            ("of the future", "POST", "https://server.example.com/token", 1_562_262_555),
        ] {
            assert!(judged(method, url, now).is_err(), "{name}");
        }
    }

    #[test]
    fn urls_are_compared_as_urls_without_query_and_fragment() {
        for same in ["http://a.example/t", "HTTP://A.example:80/t", "http://a.example/t?x=1#y"] {
            assert!(is_same(same, "http://a.example/t"), "{same}");
        }
        for other in ["http://a.example/T", "http://a.example:81/t", "http://a.example/t/", "/t", ""] {
            assert!(!is_same(other, "http://a.example/t"), "{other}");
        }
    }
}
