//! From a compact JWS to what its key has signed (RFC 7515 §5.2).

use std::fmt;

use serde_json::{Map, Value};

use crate::jose::algorithm::Algorithm;
use crate::jose::compact::{Compact, Parts};
use crate::jose::error::VerifyError;
use crate::jose::json::parse_strict;
use crate::jose::jwks::Jwks;

/// What a key has signed; what it says has not been judged.
pub struct SignedToken(Parts);

impl Jwks {
    /// Verifies that one of the keys has signed the token.
    ///
    /// # Errors
    /// [`VerifyError`] with the first [stage](crate::jose::Stage) that fails, never
    /// [`Claims`](crate::jose::Stage::Claims): the payload may be anything.
    pub fn verify(&self, token: &str) -> Result<SignedToken, VerifyError> {
        let token = Compact::read(token)?;
        self.check(&token)?;
        Ok(SignedToken(token.into_parts()))
    }
}

impl SignedToken {
    /// Returns the algorithm of the signature.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// Returns the media type that the header's `typ` names, in lower case and without
    /// `application/` (RFC 7515 §4.1.9).
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.0.kind.as_deref()
    }

    /// Returns the name of the key, where the header has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.0.key_id.as_deref()
    }

    /// Returns the payload, byte for byte.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.0.payload
    }

    /// Reads the payload as claims.
    ///
    /// # Errors
    /// [`VerifyError`] at [`Stage::Claims`](crate::jose::Stage::Claims) where it is no JSON object, or
    /// a member comes twice in it, at any depth.
    pub fn claims(&self) -> Result<Map<String, Value>, VerifyError> {
        parse_strict(&self.0.payload)
            .ok_or_else(|| VerifyError::claims("they are no object of unique members"))
    }
}

/// Shows nothing of the token.
impl fmt::Debug for SignedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedToken(..)")
    }
}
