//! Whether a token meets a rule: a pure decision, which allocates only to refuse or to read claims.

use std::sync::Arc;

use crate::gate::claims::{authenticated_at, check_claims};
use crate::gate::rejection::{Rejection, RejectionKind};
use crate::gate::shortfall::{Lacking, Shortfall, StepUp};
use crate::token::{AccessToken, BearerToken, NoRequirement, Requirement, Rule};

impl AccessToken<NoRequirement> {
    /// Checks the token against the requirement `P`, as the gate does, and types it.
    ///
    /// For a token that was asked of the [`Session`](crate::Session): `P` is what `#[require_auth]`
    /// wrote for a handler, `ProductsHandler` for `products`.
    ///
    /// # Errors
    /// [`Rejection`]: something of the rule is missing, or the token is of another audience.
    pub fn require<P: Requirement>(self) -> Result<AccessToken<P>, Rejection> {
        check_audience(&P::RULE, &self)?;
        match require(&P::RULE, &self).and_then(|()| require_now(&P::RULE, &self)) {
            Ok(()) => Ok(AccessToken::from_any(self)),
            Err(shortfall) => Err(Rejection::short(&P::RULE, shortfall)),
        }
    }
}

/// Whether a bearer token meets a rule: what it was found to meet once, an address tells.
pub(crate) fn require_bearer(token: Arc<BearerToken>, rule: &'static Rule) -> Result<AccessToken, Rejection> {
    let is_met = token.met.contains(rule);
    let token = AccessToken::<NoRequirement>::bearer(token);
    if !is_met {
        check_audience(rule, &token)?;
        require(rule, &token).map_err(|shortfall| Rejection::short(rule, shortfall))?;
        if let Some(token) = token.as_bearer() {
            token.met.insert(rule);
        }
    }
    // Deliberately not remembered: it stops being true.
    require_now(rule, &token).map_err(|shortfall| Rejection::short(rule, shortfall))?;
    Ok(token)
}

fn check_audience(rule: &Rule, token: &AccessToken) -> Result<(), Rejection> {
    let is_of = |audience: &str| match token.as_bearer() {
        Some(token) => token.audiences.contains(audience),
        None => token.audience() == Some(audience),
    };
    let Some(audience) = rule.audience.filter(|audience| !is_of(audience)) else { return Ok(()) };
    let handler = rule.handler;
    tracing::info!(handler, audience, "a token is not of the audience that its handler names");
    Err(Rejection::new(RejectionKind::AudienceRefused))
}

/// What of a rule a token meets or not, whatever the time.
pub(crate) fn require(rule: &Rule, token: &AccessToken) -> Result<(), Shortfall> {
    if let Some(wanted) = rule.principal.filter(|wanted| *wanted != token.principal()) {
        return Err(Shortfall::Principal(wanted));
    }
    require_words(rule.scopes, rule.any_scopes, |scope| token.grants(scope)).map_err(Shortfall::Scopes)?;
    if rule.asks_for_claims() {
        check_claims(rule, &token.described(), &token.terms().paths)?;
    }
    Ok(())
}

/// What of a rule a token meets now, and not for ever: that its user authenticated not long ago.
pub(crate) fn require_now(rule: &Rule, token: &AccessToken) -> Result<(), Shortfall> {
    let Some(max_age) = rule.max_age else { return Ok(()) };
    let at = match token.as_bearer() {
        Some(token) => *token.authenticated_at.get_or_init(|| authenticated_at(&token.claims())),
        None => authenticated_at(&token.described()),
    };
    match at {
        Some(at) if token.terms().is_recent(at, max_age) => Ok(()),
        // A token that does not say when is taken for one of long ago.
        _ => Err(Shortfall::Authentication(StepUp::of(rule))),
    }
}

/// Whether all of some words and one of others are there.
pub(super) fn require_words(
    all: &[&'static str],
    any: &[&'static str],
    is_there: impl Fn(&str) -> bool,
) -> Result<(), Lacking> {
    let has_any = any.is_empty() || any.iter().any(|word| is_there(word));
    if has_any && all.iter().all(|word| is_there(word)) {
        return Ok(());
    }
    let mut missing: Vec<_> = all.iter().copied().filter(|word| !is_there(word)).collect();
    if !has_any {
        missing.extend_from_slice(any);
    }
    Err(Lacking { required: all.iter().chain(any).copied().collect(), missing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::ScopeSet;

    #[test]
    fn all_means_all_and_any_means_one() {
        type Words = &'static [&'static str];
        let cases: [(Words, Words, &str, Words); 8] = [
            (&["a", "b"], &[], "a b", &[]),
            (&["a", "b"], &[], "a", &["b"]),
            (&["a", "b"], &[], "ab", &["a", "b"]),
            (&[], &["a", "b"], "b", &[]),
            (&[], &["a", "b"], "c", &["a", "b"]),
            (&["c"], &["a", "b"], "c b", &[]),
            (&["c"], &["a", "b"], "c", &["a", "b"]),
            (&["c"], &["a", "b"], "a", &["c"]),
        ];
        for (all, any, granted, missing) in cases {
            let granted = ScopeSet::parse(granted);
            let found = require_words(all, any, |scope| granted.contains(scope))
                .map_or_else(|lacking| lacking.missing, |()| Vec::new());
            assert_eq!(found, *missing, "{granted:?}");
        }
    }
}
