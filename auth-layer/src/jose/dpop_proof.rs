//! A DPoP proof (RFC 9449 §4): whoever sends the request has the key that its token is bound to.
//!
//! # Rules, those of RFC 9449 §4.3
//! 1. One compact JWS whose `typ` is `dpop+jwt`, under an asymmetric algorithm of a list.
//! 2. `jwk` is a public key, strong enough, of the thumbprint that the access token names; it signed
//!    the proof.
//! 3. `htm` is the method, `htu` the URI: see [`is_target`]. `ath` is the hash of the access token.
//! 4. `iat` is near. `jti` has 1 to 256 bytes; that it comes once is for the caller to see, and so is
//!    whether `nonce` is the one that was given.
//!
//! # Limits
//! A proof: 8 KiB. `iat`: 60 seconds before or after, and less where less is asked for.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use serde::de::MapAccess;
use url::Url;

use crate::clock::Timestamp;
use crate::jose::algorithm::Algorithm;
use crate::jose::base64url::encode;
use crate::jose::claim::{Text, Time, required, short};
use crate::jose::compact::Compact;
use crate::jose::error::{Stage, VerifyError};
use crate::jose::key::Key;
use crate::jose::members::{Members, names, read_members};
use crate::jose::target_uri::is_target;
use crate::jose::times::Now;

/// What a proof must prove.
#[derive(Clone, Copy)]
pub(crate) struct ProofExpectations<'a> {
    pub(crate) method: &'a str,
    /// The URI of the request as its sender knows it.
    pub(crate) uri: &'a Url,
    pub(crate) access_token: &'a str,
    /// `cnf.jkt` of the access token.
    pub(crate) thumbprint: &'a str,
    pub(crate) algorithms: &'a [Algorithm],
    pub(crate) now: Timestamp,
    /// How far `iat` may be away; more than 60 seconds are 60 seconds.
    pub(crate) tolerance: Duration,
}

/// A proof that holds, but for a replay.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DpopProof {
    /// Its own name, of 256 bytes at most.
    pub(crate) jti: String,
    pub(crate) issued_at: Timestamp,
    pub(crate) nonce: Option<String>,
    pub(crate) thumbprint: [u8; 32],
}

pub(crate) fn verify_dpop_proof(
    proof: &str,
    expected: &ProofExpectations<'_>,
) -> Result<DpopProof, VerifyError> {
    if proof.len() > MAX_BYTES {
        return Err(VerifyError::new(Stage::Format, "it is larger than 8 KiB"));
    }
    let proof = Compact::read(proof)?;
    let header = |why: &'static str| VerifyError::new(Stage::Header, why);
    if proof.kind() != Some("dpop+jwt") {
        return Err(header("typ is not dpop+jwt"));
    }
    if !expected.algorithms.contains(&proof.algorithm()) {
        return Err(header("its alg is not one of those that are allowed"));
    }
    let members = proof.header().ok_or_else(|| header("a member comes twice in its jwk"))?;
    let jwk = members.get("jwk").ok_or_else(|| header("it has no jwk"))?;
    let key = jwk.as_object().and_then(|jwk| Key::parse_for(jwk, proof.algorithm()));
    let key =
        key.ok_or_else(|| VerifyError::new(Stage::Key, "jwk is no public key for its alg, or a weak one"))?;
    // Before the signature: strangers' keys cost no more than a hash.
    if !is_equal(&encode(key.thumbprint()), expected.thumbprint) {
        return Err(VerifyError::new(Stage::Key, "the access token is bound to another key"));
    }
    key.check(&proof)?;
    judge(proof.payload(), *key.thumbprint(), expected)
}

fn judge(
    payload: &[u8],
    thumbprint: [u8; 32],
    expected: &ProofExpectations<'_>,
) -> Result<DpopProof, VerifyError> {
    let claims: Claims<'_> = read_members(payload)?;
    // Methods are case-sensitive (RFC 9110 §9.1).
    if required("htm", claims.method)? != expected.method {
        return Err(VerifyError::claims("htm is another method"));
    }
    if !is_target(&required("htu", claims.uri)?, expected.uri) {
        return Err(VerifyError::claims("htu is another URI: compare the public address of this server"));
    }
    let issued_at = required("iat", claims.issued)?;
    Now::new(expected.now, expected.tolerance).is_near("iat", issued_at).map_err(VerifyError::claims)?;
    let hash = encode(digest(&SHA256, expected.access_token.as_bytes()).as_ref());
    if !is_equal(&required("ath", claims.hash)?, &hash) {
        return Err(VerifyError::claims("ath is of another access token"));
    }
    let jti = short("jti", required("jti", claims.jti)?)?.into_owned();
    let nonce = claims.nonce.map(|nonce| short("nonce", nonce)).transpose()?.map(Cow::into_owned);
    Ok(DpopProof { jti, issued_at, nonce, thumbprint })
}

#[derive(Default)]
struct Claims<'a> {
    jti: Option<Cow<'a, str>>,
    method: Option<Cow<'a, str>>,
    uri: Option<Cow<'a, str>>,
    issued: Option<Timestamp>,
    hash: Option<Cow<'a, str>>,
    nonce: Option<Cow<'a, str>>,
}

names!(Claim {
    "jti" => Jti,
    "htm" => Method,
    "htu" => Uri,
    "iat" => Issued,
    "ath" => AccessTokenHash,
    "nonce" => Nonce,
});

impl<'de> Members<'de> for Claims<'de> {
    type Name = Claim;

    fn read<A: MapAccess<'de>>(&mut self, claim: Claim, access: &mut A) -> Result<(), A::Error> {
        let text = match claim {
            Claim::Issued => {
                self.issued = Some(access.next_value::<Time>()?.0);
                return Ok(());
            }
            Claim::Jti => &mut self.jti,
            Claim::Method => &mut self.method,
            Claim::Uri => &mut self.uri,
            Claim::AccessTokenHash => &mut self.hash,
            Claim::Nonce => &mut self.nonce,
        };
        *text = Some(access.next_value::<Text<'_>>()?.0);
        Ok(())
    }
}

fn is_equal(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// Shows nothing of the access token.
impl fmt::Debug for ProofExpectations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProofExpectations").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Shows nothing of the proof.
impl fmt::Debug for DpopProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DpopProof(..)")
    }
}

const MAX_BYTES: usize = 8 * 1024;

#[cfg(test)]
mod tests;
