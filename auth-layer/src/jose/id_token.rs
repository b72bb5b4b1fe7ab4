//! The id token (OpenID Connect Core §3.1.3.7): who logged in, said by the provider, for this client.

use std::borrow::Cow;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::digest;
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::identifier::{ClientId, Issuer, Subject};
use crate::jose::algorithm::Algorithm;
use crate::jose::base64url;
use crate::jose::error::VerifyError;
use crate::jose::jwks::Jwks;
use crate::jose::times::{Now, numeric_date};
use crate::jose::verify::SignedToken;

/// What an id token must say.
#[derive(Debug)]
pub(crate) struct IdTokenExpectations<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) client_id: &'a ClientId,
    pub(crate) nonce: Option<&'a str>,
    /// The access token that came with it, for `at_hash`.
    pub(crate) access_token: Option<&'a str>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) now: Timestamp,
    pub(crate) skew: Duration,
}

/// What an accepted id token says.
#[derive(Debug)]
pub(crate) struct IdTokenClaims {
    pub(crate) subject: Subject,
    pub(crate) sid: Option<String>,
    /// By the provider's clock, as a logout token's is.
    pub(crate) issued_at: Timestamp,
    pub(crate) claims: Map<String, Value>,
}

pub(crate) fn verify_id_token(
    keys: &Jwks,
    token: &str,
    expected: &IdTokenExpectations<'_>,
) -> Result<IdTokenClaims, VerifyError> {
    let signed = keys.verify(token)?;
    let claims = signed.claims()?;
    judge(&signed, claims, expected).map_err(VerifyError::claims)
}

fn judge(
    signed: &SignedToken,
    claims: Map<String, Value>,
    expected: &IdTokenExpectations<'_>,
) -> Result<IdTokenClaims, Cow<'static, str>> {
    // An access token or a logout token is no id token, whoever signed it (RFC 8725 §3.11).
    if signed.kind().is_some_and(|kind| kind != "jwt") {
        return Err("typ says that it is another kind of token".into());
    }
    if claims.contains_key("events") {
        return Err("it has events: it is a logout token or a security event".into());
    }
    if text(&claims, "iss")?.ok_or("iss is missing")? != expected.issuer.as_str() {
        return Err("iss is another issuer".into());
    }
    check_audience(&claims, expected.client_id)?;
    let issued_at = check_times(&claims, expected)?;
    if let Some(nonce) = expected.nonce {
        let found = text(&claims, "nonce")?.ok_or("nonce is missing")?;
        if verify_slices_are_equal(found.as_bytes(), nonce.as_bytes()).is_err() {
            return Err("nonce is of another login".into());
        }
    }
    if let (Some(hash), Some(token)) = (text(&claims, "at_hash")?, expected.access_token)
        && access_token_hash(signed.algorithm(), token) != hash
    {
        return Err("at_hash is of another access token".into());
    }
    let subject =
        text(&claims, "sub")?.filter(|sub| !sub.is_empty() && sub.len() <= 255).ok_or("sub is missing")?;
    let subject = Subject::from(subject);
    let sid = text(&claims, "sid")?.map(str::to_owned);
    Ok(IdTokenClaims { subject, sid, issued_at, claims })
}

/// This client is in `aud`; where others are too, `azp` must name it, and so wherever `azp` is.
fn check_audience(claims: &Map<String, Value>, client: &ClientId) -> Result<(), &'static str> {
    let several = match claims.get("aud").ok_or("aud is missing")? {
        Value::String(one) if one == client.as_str() => false,
        Value::Array(all) if all.iter().all(Value::is_string) => {
            if !all.iter().any(|one| one == client.as_str()) {
                return Err("aud is another client");
            }
            all.len() > 1
        }
        Value::String(_) => return Err("aud is another client"),
        _ => return Err("aud is of the wrong type"),
    };
    match text(claims, "azp")? {
        Some(azp) if azp == client.as_str() => Ok(()),
        Some(_) => Err("azp is another client"),
        None if several => Err("azp is missing beside several audiences"),
        None => Ok(()),
    }
}

/// Returns when it was issued.
fn check_times(
    claims: &Map<String, Value>,
    expected: &IdTokenExpectations<'_>,
) -> Result<Timestamp, Cow<'static, str>> {
    let now = Now::new(expected.now, expected.skew);
    now.is_before("exp", time(claims, "exp")?.ok_or("exp is missing")?)?;
    let issued_at = time(claims, "iat")?.ok_or("iat is missing")?;
    now.is_after("iat", issued_at)?;
    if let Some(not_before) = time(claims, "nbf")? {
        now.is_after("nbf", not_before)?;
    }
    let authenticated = time(claims, "auth_time")?;
    if let Some(authenticated) = authenticated {
        now.is_after("auth_time", authenticated)?;
    }
    if let Some(max_age) = expected.max_age {
        let authenticated = authenticated.ok_or("auth_time is missing")?;
        if expected.now.since(authenticated) > max_age.saturating_add(expected.skew) {
            return Err("auth_time is longer ago than max_age".into());
        }
    }
    Ok(issued_at)
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, &'static str> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err("a claim is of the wrong type"),
    }
}

fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, &'static str> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    value.as_f64().and_then(numeric_date).map(Some).ok_or("a time is no number of seconds")
}

/// The left half of a hash whose size is the algorithm's (OpenID Connect Core §3.1.3.6).
fn access_token_hash(algorithm: Algorithm, token: &str) -> String {
    let hash = digest(algorithm.hash(), token.as_bytes());
    let hash = hash.as_ref();
    base64url::encode(&hash[..hash.len() / 2])
}
