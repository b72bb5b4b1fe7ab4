//! An access token that a request brought, once its issuer's word on it is known (RFC 6750, RFC 9068).

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use http::HeaderValue;
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::identifier::{Audience, ClientId, Issuer, Subject};
use crate::scope::ScopeSet;
use crate::secret::{SecretBytes, SecretText};
use crate::token::mark::Mark;
use crate::token::requirement::Rule;

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
pub(crate) struct BearerToken {
    pub(crate) value: SecretText,
    pub(crate) scheme: Scheme,
    pub(crate) issuer: Issuer,
    /// Those of its audiences that are this API's; never empty.
    pub(crate) audiences: Vec<Audience>,
    pub(crate) granted: ScopeSet,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) expires_at: Timestamp,
    pub(crate) subject: Option<Subject>,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) principal: Principal,
    pub(crate) token_id: Option<String>,
    /// What the issuer said, as JSON; read anew in each request that asks for it.
    pub(crate) claims_text: Vec<u8>,
    pub(crate) met: MetRules,
    pub(crate) standing: Standing,
    pub(crate) mark: Mark,
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
        let mut value = HeaderValue::try_from(format!("{scheme} {}", self.value.expose()))
            .unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }

    /// Whether the token is bound to a key.
    pub(crate) const fn is_bound(&self) -> bool {
        matches!(self.scheme, Scheme::Dpop { .. })
    }

    pub(crate) fn claims(&self) -> Map<String, Value> {
        // The verifier has read the same bytes as an object.
        serde_json::from_slice(&self.claims_text).unwrap_or_default()
    }

    /// What it takes of memory, in bytes: of its own allocations, and of the one that it is shared by.
    ///
    /// What it shares with the settings, its issuer and the names of its audiences, is left out.
    pub(crate) fn bytes(&self) -> usize {
        let shared = [
            size_of::<Self>(),
            size_of::<SecretBytes>(),
            self.granted.as_str().len(),
            self.subject.as_ref().map_or(0, |subject| subject.as_str().len()),
            self.client_id.as_ref().map_or(0, |client_id| client_id.as_str().len()),
        ];
        let owned = [
            self.value.as_bytes().len(),
            self.claims_text.capacity(),
            self.token_id.as_ref().map_or(0, String::capacity),
            self.audiences.capacity() * size_of::<Audience>(),
        ];
        let shared = shared.iter().map(|bytes| allocated(bytes + REFERENCE_COUNTS));
        shared.sum::<usize>() + owned.iter().map(|bytes| allocated(*bytes)).sum::<usize>()
    }
}

/// What an allocation takes of memory: it has a head, and is rounded up.
///
/// As glibc does it. Others round up as much, or a little more.
const fn allocated(bytes: usize) -> usize {
    match bytes {
        0 => 0,
        1..=24 => 32,
        more => (more + 8).next_multiple_of(16),
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken")
            .field("issuer", &self.issuer)
            .field("scopes", &self.granted.as_str())
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
const REFERENCE_COUNTS: usize = 2 * size_of::<usize>();

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
    fn an_allocation_has_a_head_and_is_rounded_up() {
        for (bytes, taken) in [(0, 0), (1, 32), (24, 32), (25, 48), (40, 48), (634, 656), (890, 912)] {
            assert_eq!(allocated(bytes), taken, "{bytes}");
        }
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
