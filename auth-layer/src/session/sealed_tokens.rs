//! The tokens of a session in their compact form under a seal: the only place where they are serialised.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::identifier::Audience;
use crate::scope::ScopeSet;
use crate::secret::SecretText;
use crate::token::{IssuedToken, RefreshKey, TokenSet};

/// A token set on its way under a seal, or from there.
///
/// Tokens are bytes here: they are checked to be text when they are used, which for most of them is
/// not in this request.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedTokens<'a> {
    granted: &'a str,
    generation: u64,
    predecessor: Option<[u8; 32]>,
    refresh_token: Option<&'a [u8]>,
    #[serde(borrow)]
    access_tokens: Vec<SealedToken<'a>>,
}

#[derive(Serialize, Deserialize)]
struct SealedToken<'a> {
    value: &'a [u8],
    audience: Option<&'a str>,
    granted: &'a str,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl<'a> SealedTokens<'a> {
    pub(crate) fn of(set: &'a TokenSet) -> Self {
        let sealed = |token: &'a Arc<IssuedToken>| SealedToken {
            value: token.value.as_bytes(),
            audience: token.audience.as_ref().map(|audience| audience.as_str()),
            granted: token.granted.as_str(),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
        };
        Self {
            granted: set.granted.as_str(),
            generation: set.generation,
            predecessor: set.predecessor.map(|key| key.0),
            refresh_token: set.refresh_token.as_ref().map(SecretText::as_bytes),
            access_tokens: set.access_tokens.iter().map(sealed).collect(),
        }
    }

    /// The set again; `part` keeps a secret where it was opened.
    pub(crate) fn open(self, part: impl Fn(&[u8]) -> SecretText) -> TokenSet {
        let granted = ScopeSet::sealed(self.granted);
        let access_tokens = self.access_tokens.into_iter().map(|token| {
            Arc::new(IssuedToken {
                value: part(token.value),
                audience: token.audience.map(Audience::from),
                // Most tokens hold what the login was granted: one set serves both.
                granted: if token.granted == self.granted {
                    granted.clone()
                } else {
                    ScopeSet::sealed(token.granted)
                },
                issued_at: token.issued_at,
                expires_at: token.expires_at,
            })
        });
        TokenSet {
            access_tokens: access_tokens.collect(),
            granted,
            generation: self.generation,
            refresh_token: self.refresh_token.map(part),
            predecessor: self.predecessor.map(RefreshKey),
        }
    }
}
