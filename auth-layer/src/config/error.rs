//! Misconfiguration: what is wrong, and the fix.

use std::fmt;

/// A configuration that cannot work.
///
/// Its message shows the value that is wrong, never a secret, and what to write instead.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigError {
    message: String,
}

impl ConfigError {
    pub(crate) fn missing(name: &str, fix: &str) -> Self {
        Self { message: format!("{name} is missing: {fix}") }
    }

    pub(crate) fn all_missing(named: &[(&str, &str)]) -> Self {
        let each = named.iter().map(|(name, fix)| format!("{name} is missing: {fix}"));
        Self { message: each.collect::<Vec<_>>().join("; ") }
    }

    pub(crate) fn wrong(what: &str, value: &str, why: &str, fix: &str) -> Self {
        let shown: String = value.chars().take(MAX_SHOWN).collect();
        Self { message: format!("{what} {shown:?} {why}: {fix}") }
    }

    /// For secrets: says what is wrong with the value without showing it.
    pub(crate) fn wrong_secret(what: &str, why: &str, fix: &str) -> Self {
        Self { message: format!("{what} {why}: {fix}") }
    }

    /// The provider is another one than was configured.
    pub(crate) fn issuer(why: &str) -> Self {
        Self { message: why.to_owned() }
    }

    /// A token for the application itself is got with a secret (RFC 6749 §4.4).
    pub(crate) fn no_confidential_client() -> Self {
        Self::missing(
            "client secret",
            "make the client a confidential one at the provider and set AUTH_CLIENT_SECRET, or use ClientCredentials::discover with a client of its own",
        )
    }

    pub(crate) fn http_client() -> Self {
        Self { message: "the HTTP client could not be set up: check that TLS roots are installed (Debian: ca-certificates)".into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// As `Display`: it is what a `main` that returns it prints.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

const MAX_SHOWN: usize = 200;
