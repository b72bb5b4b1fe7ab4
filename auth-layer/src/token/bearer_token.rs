//! An access token that a request brought, once its issuer's word on it is known (RFC 6750, RFC 9068).

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use serde_json::{Map, Value};

use crate::claim_path::ClaimTerms;
use crate::clock::Timestamp;
use crate::identifier::{ClientId, Issuer, Subject};
use crate::secret::SecretBytes;
use crate::token::granted::{Audiences, Granted};
use crate::token::rule::Rule;

/// Whom an access token stands for (RFC 9068 §2.2, §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Principal {
    /// A person, who logged in and let the client act.
    User,
    /// The client itself, with a token of its own (client credentials, RFC 6749 §4.4).
    Client,
}

/// A verified bearer token, read once and shared by every request that brings it.
///
/// In this order, so that what a hit looks at is in the first lines of memory, and nothing else is.
#[repr(C)]
pub(crate) struct BearerToken {
    /// Visible ASCII: one step from its owner, since each hit compares it.
    pub(crate) value: SecretBytes,
    pub(crate) standing: Standing,
    pub(crate) met: MetRules,
    pub(crate) scheme: Scheme,
    pub(crate) principal: Principal,
    pub(crate) issuer: Issuer,
    pub(crate) audiences: Audiences,
    pub(crate) granted: Granted,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) expires_at: Timestamp,
    pub(crate) subject: Option<Subject>,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) token_id: Option<String>,
    /// What the issuer answered about an opaque token, as JSON; a JWT holds its claims itself.
    pub(crate) answer: Option<Box<[u8]>>,
    /// How its claims are read.
    pub(crate) terms: Arc<ClaimTerms>,
    /// When its user authenticated, once somebody has asked.
    pub(crate) authenticated_at: OnceLock<Option<Timestamp>>,
}

/// What a verified token stands on; where that has changed, it is judged again.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The place of its issuer among those that are trusted.
    pub(crate) issuer: usize,
    /// The thumbprint of the key that signed it; none for a token that its issuer vouched for.
    pub(crate) key: Option<[u8; 32]>,
    /// Its end, with the skew of clocks; or the end of its issuer's word on it.
    pub(crate) good_until: Timestamp,
    /// When it was verified, by a clock that may be set back.
    pub(crate) judged_at: Timestamp,
    /// When it was last judged, in changes of keys and revocations.
    pub(crate) judged_in: AtomicU64,
}

/// How a token is sent, and has to be sent on (RFC 6750 §2.1, RFC 9449 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Bearer,
    /// The token is bound to a key, whose thumbprint this is (RFC 7638, SHA-256).
    Dpop {
        thumbprint: [u8; 32],
    },
}

impl BearerToken {
    /// The value of an `Authorization` header, marked sensitive.
    pub(crate) fn authorization(&self) -> HeaderValue {
        let scheme = match self.scheme {
            Scheme::Bearer => "Bearer",
            Scheme::Dpop { .. } => "DPoP",
        };
        // The token came in such a header.
        let mut value = HeaderValue::try_from(format!("{scheme} {}", self.expose()))
            .unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }

    /// Whether the token is bound to a key.
    pub(crate) const fn is_bound(&self) -> bool {
        matches!(self.scheme, Scheme::Dpop { .. })
    }

    pub(crate) fn expose(&self) -> &str {
        // It was found to be visible ASCII when it was verified.
        str::from_utf8(&self.value).unwrap_or_default()
    }

    /// What the issuer said of the token, as JSON; read anew by each request that asks for it.
    pub(crate) fn claims_text(&self) -> Cow<'_, [u8]> {
        match &self.answer {
            Some(answer) => Cow::Borrowed(answer),
            // The verifier has decoded the same segment.
            None => {
                let payload = self.expose().split('.').nth(1).unwrap_or_default();
                Cow::Owned(URL_SAFE_NO_PAD.decode(payload).unwrap_or_default())
            }
        }
    }

    pub(crate) fn claims(&self) -> Map<String, Value> {
        // The verifier has read the same bytes as an object.
        serde_json::from_slice(&self.claims_text()).unwrap_or_default()
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken")
            .field("issuer", &self.issuer)
            .field("scopes", &self.granted.set().as_str())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Rules that a token is known to meet, by their place in the program: a requirement that was met
/// once is met by looking at an address.
///
/// A rule is a constant, so that two rules that differ have two addresses, and none ever changes.
#[derive(Debug, Default)]
pub(crate) struct MetRules([AtomicUsize; MET_RULES]);

impl MetRules {
    pub(crate) fn contains(&self, rule: &'static Rule) -> bool {
        let address = std::ptr::from_ref(rule).addr();
        self.0.iter().any(|met| met.load(Ordering::Relaxed) == address)
    }

    /// Remembers a rule in the place that its address points to.
    pub(crate) fn insert(&self, rule: &'static Rule) {
        let address = std::ptr::from_ref(rule).addr();
        let free = self.0.iter().find(|met| met.load(Ordering::Relaxed) == 0);
        free.unwrap_or(&self.0[address / size_of::<Rule>() % MET_RULES]).store(address, Ordering::Relaxed);
    }
}

const MET_RULES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_met_only_where_it_was_found_to_be() {
        const ONE: &Rule = &Rule::authenticated("one");
        const TWO: &Rule = &Rule::authenticated("two").with_scopes(&["a"]);
        let met = MetRules::default();
        assert!(!met.contains(ONE) && !met.contains(TWO));
        met.insert(ONE);
        assert!(met.contains(ONE) && !met.contains(TWO));
    }

    #[test]
    fn more_rules_than_places_forget_one_another_and_nothing_else() {
        const RULES: [&Rule; 6] = [
            &Rule::authenticated("a"),
            &Rule::authenticated("b"),
            &Rule::authenticated("c"),
            &Rule::authenticated("d"),
            &Rule::authenticated("e"),
            &Rule::authenticated("f"),
        ];
        let met = MetRules::default();
        for rule in RULES {
            met.insert(rule);
            assert!(met.contains(rule), "{}", rule.handler());
        }
        assert!(RULES.iter().filter(|rule| met.contains(rule)).count() <= MET_RULES);
    }
}
