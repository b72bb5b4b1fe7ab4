//! Why no token was to be had by exchange.

use std::fmt;
use std::time::Duration;

use crate::provider::{FailedAt, ProviderError};

/// Why an exchange brought no token; it never says that a session is over.
///
/// Holds no token, and of the provider's answer the error code alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeError {
    kind: ExchangeErrorKind,
    code: Option<String>,
    missing: Vec<String>,
    retry_after: Option<Duration>,
    dead_grant: bool,
}

/// The kinds of [`ExchangeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExchangeErrorKind {
    /// There is no client to exchange with: a resource server alone has none.
    NoClient,
    /// No audience is named, and none is configured.
    NoAudience,
    /// The token is of another issuer than the client's, or of a session of another `Auth`, and is not shown to it.
    ForeignToken,
    /// The token is bound to its caller's key (DPoP, RFC 9449), who alone could prove it.
    SenderConstrained,
    /// The token that was to be exchanged has expired.
    Expired,
    /// The session has no refresh token.
    NoRefreshToken,
    /// The provider refused: the token, the audience, the scope or the account. See [`ExchangeError::code`].
    Refused,
    /// The provider refused the client: its secret, or the grant, which it may not use.
    Client,
    /// The token that came grants less than is required. See [`ExchangeError::missing`].
    MissingScopes,
    /// What came is a token of another audience, and is not handed out.
    OtherAudience,
    /// No answer, or none that can be used: down, slow, 5xx, 429, a token of another type.
    Unavailable,
}

impl ExchangeError {
    pub(crate) const fn new(kind: ExchangeErrorKind) -> Self {
        Self { kind, code: None, missing: Vec::new(), retry_after: None, dead_grant: false }
    }

    pub(crate) fn of(error: &ProviderError) -> Self {
        let kind = match error.stage() {
            FailedAt::Grant | FailedAt::Request => ExchangeErrorKind::Refused,
            FailedAt::Client => ExchangeErrorKind::Client,
            _ => ExchangeErrorKind::Unavailable,
        };
        let code = error.code().map(str::to_owned);
        Self {
            kind,
            code,
            missing: Vec::new(),
            retry_after: error.retry_after(),
            dead_grant: error.is_final(),
        }
    }

    pub(crate) fn missing_scopes(missing: &[&str]) -> Self {
        let missing = missing.iter().map(|scope| (*scope).to_owned()).collect();
        Self { missing, ..Self::new(ExchangeErrorKind::MissingScopes) }
    }

    pub(crate) fn with_code(self, code: Option<String>) -> Self {
        Self { code, ..self }
    }

    pub(crate) fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    /// Whether it is the refresh token, or the token that was exchanged, that the provider does not take.
    pub(crate) const fn is_of_dead_grant(&self) -> bool {
        self.dead_grant
    }

    /// Returns what went wrong.
    #[must_use]
    pub const fn kind(&self) -> ExchangeErrorKind {
        self.kind
    }

    /// Returns whether the same exchange would fail again, as opposed to: no answer.
    ///
    /// It says nothing of the session or of the token that was to be exchanged: neither ends by it.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self.kind, ExchangeErrorKind::Unavailable)
    }

    /// Returns the provider's error code (RFC 6749 §5.2, RFC 8693 §2.2.2), as `invalid_target`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Returns the scopes that are required and were not granted.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// Returns how long this exchange will not be tried again.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.kind {
            ExchangeErrorKind::NoClient => {
                "there is no client to exchange a token with: set up with Auth::discover, and give its AuthConfig the resource server (with_resource_server)"
            }
            ExchangeErrorKind::NoAudience => {
                "no audience to exchange for: name one in the requirement, or configure one"
            }
            ExchangeErrorKind::ForeignToken => {
                "the token is of another issuer than the client's, or of a session of another `Auth`: only its own provider is shown a token"
            }
            ExchangeErrorKind::SenderConstrained => {
                "the token is bound to its caller's key (DPoP) and cannot be exchanged by another: take bearer tokens where an exchange is needed"
            }
            ExchangeErrorKind::Expired => "the token to be exchanged has expired: get a new one first",
            ExchangeErrorKind::NoRefreshToken => {
                "the session has no refresh token to exchange: ask for the scope offline_access at login"
            }
            ExchangeErrorKind::Refused => {
                "the provider refused the exchange: check that the client may ask for this audience, scope or connection"
            }
            ExchangeErrorKind::Client => {
                "the provider refused the client: check its secret, and that token exchange is among its grants"
            }
            ExchangeErrorKind::MissingScopes => {
                "the exchanged token grants less than is required: check what the user may do"
            }
            ExchangeErrorKind::OtherAudience => {
                "the provider answered with a token of another audience: check how it is told the audience (AudienceParameter)"
            }
            ExchangeErrorKind::Unavailable => "the provider gave no answer that can be used: try again later",
        };
        f.write_str(text)?;
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        if !self.missing.is_empty() {
            write!(f, " ({})", self.missing.join(" "))?;
        }
        Ok(())
    }
}

impl std::error::Error for ExchangeError {}
