//! Proof of possession (RFC 9449 §7): the sender of a bound token holds the key that it is bound to.
//!
//! # Rules
//! 1. One `DPoP` header, made for this method and this address, by the key of the token, for this token.
//! 2. It was made just now, and is used once. With a nonce it was made after we gave the nonce.
//!
//! # Attacks
//! A stolen token, alone or with an old proof (RFC 9449 §2); a proof made ahead of time (§11.2).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Method, Uri};
use url::Url;

use crate::algorithm::ALL;
use crate::clock::Clock;
use crate::config::{BaseUrl, DpopPolicy};
use crate::jose::{ProofExpectations, verify_dpop_proof};
use crate::resource_server::nonce::Nonces;
use crate::resource_server::refusal::Refusal;
use crate::resource_server::seen_proofs::{SeenProofs, Use};

/// What is asked of proofs, and those that were used.
#[derive(Debug)]
pub(super) struct Possession {
    is_required: bool,
    max_age: Duration,
    base_url: BaseUrl,
    clock: Clock,
    nonces: Option<Nonces>,
    seen: SeenProofs,
}

impl Possession {
    pub(super) fn new(policy: &DpopPolicy, base_url: BaseUrl, clock: Clock) -> Self {
        let nonces = policy.nonce.as_ref().map(|key| Nonces::new(key, policy.max_age * 2));
        Self {
            is_required: policy.is_required,
            max_age: policy.max_age,
            base_url,
            clock,
            nonces,
            seen: SeenProofs::new(),
        }
    }

    pub(super) const fn is_required(&self) -> bool {
        self.is_required
    }

    /// Checks the proof that came with a bound token (RFC 9449 §4.3).
    pub(super) fn check(
        &self,
        token: &str,
        thumbprint: &[u8; 32],
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<(), Refusal> {
        let mut proofs = headers.get_all(DPOP).iter();
        let (Some(proof), None) = (proofs.next(), proofs.next()) else {
            return Err(Refusal::invalid_proof("there is not exactly one DPoP header"));
        };
        let proof = proof.to_str().map_err(|_| Refusal::invalid_proof("the DPoP header is no text"))?;
        let now = self.clock.now();
        // From our own address: a client must not choose what its proof is good for by `Host`.
        let uri = self.base_url.address_of(uri.path());
        let uri = Url::parse(&uri).map_err(|_| Refusal::invalid_proof("the request has no address"))?;
        let proof = verify_dpop_proof(
            proof,
            &ProofExpectations {
                method: method.as_str(),
                uri: &uri,
                access_token: token,
                thumbprint: &URL_SAFE_NO_PAD.encode(thumbprint),
                algorithms: &ALL,
                now,
                tolerance: self.max_age,
            },
        )
        .map_err(|error| Refusal::invalid_proof(error.to_string()))?;
        if let Some(nonces) = &self.nonces
            && !proof.nonce.as_deref().is_some_and(|nonce| nonces.is_good(nonce, now))
        {
            return Err(Refusal::use_nonce(nonces.make(now)));
        }
        let oldest = now.minus(self.max_age).unix_seconds();
        match self.seen.note(thumbprint, &proof.jti, proof.issued_at.unix_seconds(), oldest) {
            Use::First => Ok(()),
            Use::Again => Err(Refusal::invalid_proof("the proof was used before")),
            Use::Forgotten => Err(Refusal::invalid_proof("the proof is too old while there are so many")),
        }
    }
}

/// The header that carries a proof.
pub(crate) const DPOP: &str = "dpop";
