//! Entries for the fuzz targets of `tests/fuzz`: what they ask is private to this crate elsewhere.
//!
//! There is none of it but under `--cfg fuzzing`, which a fuzzer's build sets and no other.
//! Deliberately no feature: features unify, so that any crate could turn one on for all.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use url::Url;

use crate::clock::Timestamp;
use crate::config::{
    Budget, ConfigError, NonceKey, ResourceServerConfig, SessionKey, SessionPolicy, TokenProfile,
};
use crate::identifier::{Audience, Issuer, Organization};
use crate::jose::{
    AccessTokenClaims, AccessTokenExpectations, Algorithm, Compact, Jwks, ProofExpectations, VerifyError,
    judge_access_token, verify_dpop_proof,
};
use crate::machine::{QuotaBucket, Spending, buckets};
use crate::provider::QuotaNews;
use crate::resource_server::{self, Credentials, Refusal, RefusalKind, ResourceServer};
use crate::secret::Secret;
use crate::session::{Carried, Found, KeyRing, LoginAttempt, Purpose, SessionCookie, SessionRecord};
use crate::token::AccessToken;

/// The kind of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    Malformed,
    InvalidToken,
    InvalidProof,
    UseNonce,
    Unavailable,
}

/// The token that a request's headers bring, and whether it comes under the scheme `DPoP`.
///
/// # Errors
/// The headers bring more than a token, or less.
pub fn credentials(headers: &HeaderMap) -> Result<Option<(bool, &[u8])>, Kind> {
    let Some(found) = Credentials::read(headers).map_err(|refusal| kind(&refusal))? else { return Ok(None) };
    Ok(Some((found.is_dpop(), found.one().map_err(|refusal| kind(&refusal))?)))
}

/// A token that was taken apart.
#[derive(Debug)]
pub struct Parts {
    pub algorithm: &'static str,
    pub kind: Option<String>,
    pub key_id: Option<String>,
    pub signed: Vec<u8>,
    pub payload: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Takes a token apart.
///
/// # Errors
/// It has no good form.
pub fn compact(token: &str) -> Result<Parts, VerifyError> {
    let token = Compact::read(token)?;
    Ok(Parts {
        algorithm: token.algorithm().name(),
        kind: token.kind().map(str::to_owned),
        key_id: token.key_id().map(str::to_owned),
        signed: token.signed().to_vec(),
        payload: token.payload().to_vec(),
        signature: token.signature().to_vec(),
    })
}

/// What claims were read as.
#[derive(Debug, PartialEq, Eq)]
pub struct Claims {
    pub issuer: Option<String>,
    pub subject: Option<String>,
    pub audience: Option<Vec<String>>,
    pub expires: Option<Timestamp>,
    pub not_before: Option<Timestamp>,
    pub issued: Option<Timestamp>,
    pub client: Option<String>,
    pub jti: Option<String>,
    pub scopes: Vec<String>,
    pub is_bound: bool,
}

/// Reads claims.
///
/// # Errors
/// They are not to be believed.
pub fn claims(payload: &[u8]) -> Result<Claims, VerifyError> {
    let claims = AccessTokenClaims::read(payload)?;
    let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
    Ok(Claims {
        issuer: text(&claims.issuer),
        subject: text(&claims.subject),
        audience: claims.audience.as_ref().map(|words| words.iter().map(str::to_owned).collect()),
        expires: claims.expires,
        not_before: claims.not_before,
        issued: claims.issued,
        client: claims.client().map(str::to_owned),
        jti: text(&claims.jti),
        scopes: claims.scopes().iter().map(str::to_owned).collect(),
        is_bound: claims.confirmation.is_some(),
    })
}

/// Whether claims are those of an access token, to the letter of RFC 9068 or as most providers write them.
#[must_use]
pub fn is_access_token(
    payload: &[u8],
    kind: Option<&str>,
    [issuer, audience]: [&str; 2],
    to_the_letter: bool,
    now: Timestamp,
    skew: Duration,
) -> bool {
    let profile = if to_the_letter { TokenProfile::Rfc9068 } else { TokenProfile::Lenient };
    let (issuer, audiences) = (Issuer::from(issuer), [Audience::from(audience)]);
    let expected = AccessTokenExpectations { issuer: &issuer, audiences: &audiences, profile, now, skew };
    AccessTokenClaims::read(payload).is_ok_and(|claims| judge_access_token(kind, &claims, &expected).is_ok())
}

/// Whether a set holds the key of this thumbprint.
#[must_use]
pub fn holds(keys: &Jwks, thumbprint: &[u8; 32]) -> bool {
    keys.holds(thumbprint)
}

/// Judges what an issuer answered about a token, and asks none.
#[derive(Debug)]
pub struct Introspector(ResourceServer);

impl Introspector {
    /// Begins with the first issuer of a configuration.
    ///
    /// # Errors
    /// As [`Auth::resource_server`](crate::Auth::resource_server).
    pub async fn start(config: ResourceServerConfig) -> Result<Self, ConfigError> {
        ResourceServer::start(config).await.map(Self)
    }

    /// The token, and until when the answer is believed.
    ///
    /// # Errors
    /// The token is not good, or the answer is none.
    pub fn judge(&self, answer: &[u8], token: &str) -> Result<(AccessToken, Timestamp), Kind> {
        let judged = self.0.judge_unasked(answer, token).map_err(|refusal| kind(&refusal))?;
        let good_until = judged.standing.good_until;
        Ok((AccessToken::bearer(judged), good_until))
    }
}

/// What a good proof of possession says.
#[derive(Debug)]
pub struct Proof {
    pub jti: String,
    pub issued_at: Timestamp,
    pub nonce: Option<String>,
}

/// Verifies a proof that a token, bound to the key of this thumbprint, may be used for a request.
///
/// # Errors
/// It proves no such thing.
pub fn dpop_proof(
    proof: &str,
    [method, uri, access_token, thumbprint]: [&str; 4],
    now: Timestamp,
) -> Result<Proof, VerifyError> {
    let uri = Url::parse(uri).map_err(|_| VerifyError::claims("the request has no address"))?;
    let algorithms = &[Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256];
    let tolerance = Duration::from_secs(60);
    let expected =
        ProofExpectations { method, uri: &uri, access_token, thumbprint, algorithms, now, tolerance };
    let proof = verify_dpop_proof(proof, &expected)?;
    Ok(Proof { jti: proof.jti, issued_at: proof.issued_at, nonce: proof.nonce })
}

/// Makes nonces for proofs of possession, and knows its own.
#[derive(Debug)]
pub struct Nonces(resource_server::Nonces);

impl Nonces {
    #[must_use]
    pub fn new(key: &str, lifetime: Duration) -> Self {
        Self(resource_server::Nonces::new(&NonceKey::Shared(Secret::from(key)), lifetime))
    }

    #[must_use]
    pub fn make(&self, now: Timestamp) -> String {
        self.0.make(now)
    }

    #[must_use]
    pub fn is_good(&self, nonce: &str, now: Timestamp) -> bool {
        self.0.is_good(nonce, now)
    }
}

/// The sealed session that a request's cookies bring; none where something else is under its name.
///
/// # Errors
/// It brings something else under the session's name.
pub fn sealed_session(headers: &HeaderMap) -> Result<Option<Vec<u8>>, ()> {
    match cookie().read(headers).0 {
        Found::Absent => Ok(None),
        Found::Broken => Err(()),
        Found::Sealed(sealed) => Ok(Some(sealed)),
    }
}

/// The lines that give a browser a sealed session; none where it does not fit.
#[must_use]
pub fn session_cookies(sealed: &[u8]) -> Option<Vec<HeaderValue>> {
    cookie().write(sealed, Duration::from_secs(60), &Carried::default()).ok()
}

/// Reads what is under a seal as a session, and writes it again.
#[must_use]
pub fn session_record(plaintext: &[u8]) -> Option<Vec<u8>> {
    let purpose = Purpose::new("fuzzing");
    let ring = KeyRing::new(&[SessionKey::from_bytes(vec![1; 32])]);
    let opened = ring.open(&purpose, ring.seal(&purpose, plaintext)).ok()?;
    let record = SessionRecord::decode(&opened).ok()?;
    // Read when a handler asks for it, and not before.
    let _ = (record.user.subject().as_str(), record.user.claims(), record.user.name());
    Some(record.encode())
}

/// Reads what is under a seal as a login that was begun, and writes it again.
#[must_use]
pub fn login_attempt(plaintext: &[u8]) -> Option<Vec<u8>> {
    LoginAttempt::decode(plaintext).map(|attempt| attempt.encode())
}

/// What an answer's headers say of a quota, and until when they hold back a client that asks for an organization.
#[must_use]
pub fn quota(headers: &HeaderMap, now: Timestamp) -> (Vec<QuotaBucket>, Option<Timestamp>) {
    let (news, budget, organization) =
        (QuotaNews::read(headers, now), Budget::default(), Organization::from("org_1"));
    let mut spending = Spending::default();
    spending.learn(&news, Some(&organization), now);
    let _ = spending.warnings(&budget, &news, now);
    let refused = spending.reserve(&budget, Some(&organization), now).err();
    (buckets(news), refused.and_then(|error| error.resets_at()))
}

fn cookie() -> SessionCookie {
    let policy = SessionPolicy { cookie_name: "__Host-auth_session".to_owned(), ..SessionPolicy::default() };
    SessionCookie::new(&policy, true)
}

fn kind(refusal: &Refusal) -> Kind {
    match refusal.kind() {
        RefusalKind::Malformed => Kind::Malformed,
        RefusalKind::InvalidToken => Kind::InvalidToken,
        RefusalKind::InvalidProof => Kind::InvalidProof,
        RefusalKind::UseNonce => Kind::UseNonce,
        RefusalKind::Unavailable => Kind::Unavailable,
    }
}
