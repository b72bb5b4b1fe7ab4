//! What went wrong at the provider, and whether that is its last word.

use std::time::Duration;

/// A request to the provider that brought nothing; holds no token, and no text of the provider's but
/// an error code cut to `a-z` and `_`, and the issuer that its metadata names.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{at:?}: {why}")]
pub(crate) struct ProviderError {
    at: FailedAt,
    why: String,
    retry_after: Option<Duration>,
    had_no_effect: bool,
}

/// Where it went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailedAt {
    /// No connection, or none in time.
    Reaching,
    /// An answer that cannot be used: too large, no JSON, 5xx.
    Answer,
    /// 429.
    RateLimit,
    /// `invalid_grant`: the code or the refresh token is dead.
    Grant,
    /// `invalid_client`, `unauthorized_client`: it is the application that is refused, whoever the user.
    Client,
    /// Another OAuth error: this request is refused, the grant lives.
    Request,
    /// The issuer of the metadata or of a response is another one.
    Issuer,
    /// The id token.
    IdToken,
    /// The logout token.
    LogoutToken,
}

impl ProviderError {
    pub(crate) fn new(at: FailedAt, why: impl Into<String>) -> Self {
        Self { at, why: why.into(), retry_after: None, had_no_effect: false }
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self
    }

    /// Says that the provider did nothing about it: it got no request, or could not handle one.
    pub(crate) const fn without_effect(mut self) -> Self {
        self.had_no_effect = true;
        self
    }

    /// Whether it is certain that nothing came of the request.
    pub(crate) const fn had_no_effect(&self) -> bool {
        self.had_no_effect
    }

    /// Says of which document it is an error.
    pub(crate) fn at_address(mut self, address: &str) -> Self {
        self.why = format!("{address}: {}", self.why);
        self
    }

    pub(crate) fn why(&self) -> &str {
        &self.why
    }

    pub(crate) const fn stage(&self) -> FailedAt {
        self.at
    }

    /// Whether the grant is dead, as opposed to: no answer. Only this may end a session.
    pub(crate) const fn is_final(&self) -> bool {
        matches!(self.at, FailedAt::Grant)
    }

    /// Whether the provider refused what was asked, but not the grant.
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(self.at, FailedAt::Request)
    }

    /// Whether the provider has judged the request, and not merely failed to answer it.
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(self.at, FailedAt::Grant | FailedAt::Request | FailedAt::Client)
    }

    /// The OAuth error code with which the provider judged the request (RFC 6749 §5.2), if it is legible.
    pub(crate) fn code(&self) -> Option<&str> {
        let is_code =
            |why: &&str| !why.is_empty() && why.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'));
        Some(self.why()).filter(|_| self.is_refused()).filter(is_code)
    }

    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}
