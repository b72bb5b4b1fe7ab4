//! Whether granted scopes meet a rule: a pure decision, which allocates only to refuse.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::gate::rejection::{Rejection, RejectionKind};
use crate::token::{AccessToken, BearerToken, Judged, NoRequirement, Requirement, Rule};

impl AccessToken<NoRequirement> {
    /// Checks the token against the requirement `P`, as the gate does, and types it.
    ///
    /// For a token that was asked of the [`Session`](crate::Session): `P` is what `#[require_auth]`
    /// wrote for a handler, `ProductsHandler` for `products`.
    ///
    /// # Errors
    /// [`Rejection`]: a scope is missing, or the token is of another audience.
    pub fn require<P: Requirement>(self) -> Result<AccessToken<P>, Rejection> {
        self.judge()
    }

    fn judge<P: Judged>(self) -> Result<AccessToken<P>, Rejection> {
        let is_of = |audience: &str| match self.as_bearer() {
            Some(token) => token.audiences.contains(audience),
            None => self.audience() == Some(audience),
        };
        if let Some(audience) = P::RULE.audience.filter(|audience| !is_of(audience)) {
            let handler = P::RULE.handler;
            tracing::info!(handler, audience, "a token is not of the audience that its handler names");
            return Err(Rejection::new(RejectionKind::AudienceRefused));
        }
        match require(&P::RULE, |scope| self.grants(scope)) {
            Ok(()) => Ok(AccessToken::from_any(self)),
            Err(lacking) => Err(Rejection::insufficient_scope(&P::RULE, lacking)),
        }
    }
}

/// Whether a bearer token meets the rule of `P`: once it was found to, an address tells.
pub(crate) fn require_bearer<P: Judged>(token: Arc<BearerToken>) -> Result<AccessToken<P>, Rejection> {
    let token = AccessToken::<NoRequirement>::bearer(token);
    let rule = Place::<P>::RULE;
    let met = token.as_bearer().map(|token| &token.met);
    if met.is_some_and(|met| met.contains(rule)) {
        return Ok(AccessToken::from_any(token));
    }
    let token = token.judge::<P>()?;
    if let Some(token) = token.as_bearer() {
        token.met.insert(rule);
    }
    Ok(token)
}

/// Where the rule of `P` is in the program.
struct Place<P>(PhantomData<P>);

impl<P: Judged> Place<P> {
    const RULE: &'static Rule = &P::RULE;
}

/// What a token lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lacking {
    /// All that the rule requires.
    pub(crate) required: Vec<&'static str>,
    /// Those of them that were not granted; of `any_scopes`, all, since any would do.
    pub(crate) missing: Vec<&'static str>,
}

pub(crate) fn require(rule: &Rule, is_granted: impl Fn(&str) -> bool) -> Result<(), Lacking> {
    let any = rule.any_scopes.is_empty() || rule.any_scopes.iter().any(|scope| is_granted(scope));
    if any && rule.scopes.iter().all(|scope| is_granted(scope)) {
        return Ok(());
    }
    let lacks = |scope: &&str| !is_granted(scope);
    let mut missing: Vec<_> = rule.scopes.iter().copied().filter(lacks).collect();
    if !any {
        missing.extend_from_slice(rule.any_scopes);
    }
    let required = rule.scopes.iter().chain(rule.any_scopes).copied().collect();
    Err(Lacking { required, missing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::ScopeSet;

    #[test]
    fn all_means_all_and_any_means_one() {
        const ALL: Rule = Rule::authenticated("h").with_scopes(&["a", "b"]);
        const ANY: Rule = Rule::authenticated("h").with_any_scopes(&["a", "b"]);
        const BOTH: Rule = Rule::authenticated("h").with_scopes(&["c"]).with_any_scopes(&["a", "b"]);
        let cases: &[(&Rule, &str, &[&str])] = &[
            (&ALL, "a b", &[]),
            (&ALL, "a", &["b"]),
            (&ALL, "ab", &["a", "b"]),
            (&ANY, "b", &[]),
            (&ANY, "c", &["a", "b"]),
            (&BOTH, "c b", &[]),
            (&BOTH, "c", &["a", "b"]),
            (&BOTH, "a", &["c"]),
        ];
        for (rule, granted, missing) in cases {
            let granted = ScopeSet::parse(granted);
            let found = require(rule, |scope| granted.contains(scope))
                .map_or_else(|lacking| lacking.missing, |()| Vec::new());
            assert_eq!(found, *missing, "{granted:?}");
        }
    }
}
