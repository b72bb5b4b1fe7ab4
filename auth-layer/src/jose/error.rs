//! Why a token was not accepted.

use std::borrow::Cow;

/// Where a token failed; the stages follow one another, and the first that fails is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// It is no compact JWS of three base64url segments, or it is too large.
    Format,
    /// The header is no object of unique members, or asks for what is not allowed.
    Header,
    /// No key fits, or more than one.
    Key,
    /// The key did not sign it.
    Signature,
    /// The claims are no object of unique members, or do not say what they must.
    Claims,
}

/// A token that was not accepted; holds nothing of the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token fails at its {stage:?}: {why}")]
pub struct VerifyError {
    stage: Stage,
    why: Cow<'static, str>,
}

impl VerifyError {
    pub(crate) fn new(stage: Stage, why: impl Into<Cow<'static, str>>) -> Self {
        Self { stage, why: why.into() }
    }

    pub(crate) fn claims(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Stage::Claims, why)
    }

    /// Returns where the token failed.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// Returns what is wrong, in words for a log; the words may change.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }

    /// Whether newer keys might help.
    pub(crate) const fn is_unknown_key(&self) -> bool {
        matches!(self.stage, Stage::Key)
    }
}
