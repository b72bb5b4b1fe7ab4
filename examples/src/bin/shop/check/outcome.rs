//! What a step saw, or why it failed.

use std::fmt;

use auth_layer::testing::BrowserError;

use crate::error::StartError;

/// What a step saw, or why it failed.
pub(super) type Seen = Result<String, Failure>;

/// Why a step failed.
pub(super) struct Failure(pub(super) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self(format!("no answer: {error}"))
    }
}

impl From<BrowserError> for Failure {
    fn from(error: BrowserError) -> Self {
        Self(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self(error.to_string())
    }
}

/// Fails a step unless what was seen is what was expected.
pub(super) fn same<T: PartialEq + fmt::Debug>(what: &str, seen: T, expected: T) -> Result<(), Failure> {
    if seen == expected {
        return Ok(());
    }
    Err(Failure(format!("{what}: expected {expected:?}, saw {seen:?}")))
}
