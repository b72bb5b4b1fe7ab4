//! Placeholder until merged.
use std::time::Duration;

use crate::clock::Timestamp;
use crate::jose::error::{Stage, VerifyError};

pub(crate) struct ProofExpectations<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) access_token: &'a [u8],
    pub(crate) thumbprint: &'a [u8; 32],
    pub(crate) max_age: Duration,
    pub(crate) now: Timestamp,
}

pub(crate) struct DpopProof {
    pub(crate) token_id: String,
    pub(crate) issued_at: Timestamp,
    pub(crate) nonce: Option<String>,
}

pub(crate) fn verify_dpop_proof(_: &str, _: &ProofExpectations<'_>) -> Result<DpopProof, VerifyError> {
    Err(VerifyError::new(Stage::Format, "not merged"))
}
