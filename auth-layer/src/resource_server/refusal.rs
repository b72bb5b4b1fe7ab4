//! Why a bearer token is refused: for the log in full, for the caller as RFC 6750 §3.1 has it.

use std::borrow::Cow;
use std::time::Duration;

use crate::jose::VerifyError;
use crate::provider::ProviderError;

/// A request whose credentials do not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    kind: RefusalKind,
    /// For the log; holds nothing of the token.
    why: Cow<'static, str>,
    retry_after: Option<Duration>,
    nonce: Option<String>,
}

/// What the caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    /// `invalid_request`.
    Malformed,
    /// `invalid_token`.
    InvalidToken,
    /// `invalid_dpop_proof` (RFC 9449 §7.1).
    InvalidProof,
    /// `use_dpop_nonce` (RFC 9449 §9).
    UseNonce,
    /// The issuer's keys or its word on an opaque token cannot be had.
    Unavailable,
}

impl Refusal {
    fn new(kind: RefusalKind, why: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, why: why.into(), retry_after: None, nonce: None }
    }

    pub(crate) fn malformed(why: &'static str) -> Self {
        Self::new(RefusalKind::Malformed, why)
    }

    pub(crate) fn invalid_token(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalKind::InvalidToken, why)
    }

    pub(crate) fn invalid_proof(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalKind::InvalidProof, why)
    }

    pub(crate) fn use_nonce(nonce: String) -> Self {
        let refusal = Self::new(RefusalKind::UseNonce, "the proof holds no nonce that is good now");
        Self { nonce: Some(nonce), ..refusal }
    }

    pub(crate) fn unavailable(why: &'static str) -> Self {
        Self::new(RefusalKind::Unavailable, why)
    }

    pub(crate) const fn kind(&self) -> RefusalKind {
        self.kind
    }

    pub(crate) fn why(&self) -> &str {
        &self.why
    }

    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(crate) fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        Self::invalid_token(error.to_string())
    }
}

impl From<ProviderError> for Refusal {
    fn from(error: ProviderError) -> Self {
        let retry_after = error.retry_after();
        Self { retry_after, ..Self::new(RefusalKind::Unavailable, error.to_string()) }
    }
}
