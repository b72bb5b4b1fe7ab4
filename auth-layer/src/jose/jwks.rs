//! A provider's public keys (RFC 7517 §5).

use std::fmt;
use std::sync::Arc;

use crate::jose::algorithm::Algorithm;
use crate::jose::compact::Compact;
use crate::jose::error::{Stage, VerifyError};
use crate::jose::json::parse_each;
use crate::jose::key::Key;

/// The keys of a provider, each parsed once.
///
/// Its copies share them. See the [module docs](crate::jose) for what is dropped.
#[derive(Clone, Default)]
pub struct Jwks {
    keys: Vec<Arc<Key>>,
}

/// The document is no JWKS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document is no JWKS: it must be JSON with an array `keys`, of 1 MiB and 100 keys at most")]
pub struct JwksError;

impl Jwks {
    /// Reads a JWKS; keys that must not be used are dropped one by one, since one bad key is no
    /// reason to lose the good ones.
    ///
    /// # Errors
    /// [`JwksError`] where the document is larger than 1 MiB, or no JSON object of unique members
    /// with an array `keys` of at most 100.
    pub fn parse(document: &[u8]) -> Result<Self, JwksError> {
        if document.len() > MAX_BYTES {
            return Err(JwksError);
        }
        let members = parse_each(document, "keys", MAX_KEYS).ok_or(JwksError)?;
        let keys: Vec<Key> = members.iter().flatten().filter_map(Key::parse).collect();
        // Which of two keys of one name signed something is not guessed (RFC 7517 §4.5).
        let is_unique = |key: &Key| {
            key.id().is_none_or(|id| keys.iter().filter(|other| other.id() == Some(id)).count() == 1)
        };
        let unique: Vec<bool> = keys.iter().map(is_unique).collect();
        let keys = keys.into_iter().zip(unique).filter_map(|(key, unique)| unique.then(|| Arc::new(key)));
        Ok(Self { keys: keys.collect() })
    }

    /// Returns how many keys can be used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns whether no key can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether the key of this thumbprint (RFC 7638) is among them: what an earlier set had signed
    /// still holds.
    pub(crate) fn holds(&self, thumbprint: &[u8; 32]) -> bool {
        self.keys.iter().any(|key| key.thumbprint() == thumbprint)
    }

    /// Chooses the key and verifies the signature; the claims are not judged here.
    pub(crate) fn check(&self, token: &Compact<'_>) -> Result<&Arc<Key>, VerifyError> {
        self.check_with(token, None)
    }

    /// As [`Jwks::check`], where the algorithm must also be one of `allowed`.
    pub(crate) fn check_with(
        &self,
        token: &Compact<'_>,
        allowed: Option<&[Algorithm]>,
    ) -> Result<&Arc<Key>, VerifyError> {
        if allowed.is_some_and(|allowed| !allowed.contains(&token.algorithm())) {
            return Err(VerifyError::new(Stage::Header, "its alg is not one of those that are allowed"));
        }
        let key = self.find(token)?;
        key.check(token)?;
        Ok(key)
    }

    /// By `kid`; without one, only where exactly one key fits.
    fn find(&self, token: &Compact<'_>) -> Result<&Arc<Key>, VerifyError> {
        let mut fitting = self.keys.iter().filter(|key| match token.key_id() {
            Some(id) => key.id() == Some(id),
            None => key.verifies(token.algorithm()),
        });
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(VerifyError::new(Stage::Key, "no key of the provider fits")),
            (Some(_), Some(_)) => Err(VerifyError::new(Stage::Key, "several keys fit")),
        }
    }
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}

const MAX_BYTES: usize = 1024 * 1024;
const MAX_KEYS: usize = 100;

#[cfg(test)]
mod tests;
