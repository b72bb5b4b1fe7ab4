//! Which scopes a refresh asks for, by the audience of the token that it gets (RFC 6749 §6, RFC 8707 §2.2).

use std::sync::Arc;

use crate::config::error::ConfigError;
use crate::identifier::Audience;
use crate::scope::ScopeSet;

/// Scopes by audience; a copy costs a reference count.
#[derive(Clone, Debug, Default)]
pub(crate) struct AudienceScopes(Arc<Vec<(Audience, ScopeSet)>>);

impl AudienceScopes {
    /// Adds scopes to those of an audience.
    pub(super) fn add(&mut self, audience: Audience, scopes: &str) {
        let all = Arc::make_mut(&mut self.0);
        match all.iter_mut().find(|(known, _)| *known == audience) {
            Some((_, known)) => *known = ScopeSet::parse(&format!("{known} {scopes}")),
            None => all.push((audience, ScopeSet::parse(scopes))),
        }
    }

    /// The scopes to ask for; none where they are left as they were granted.
    pub(crate) fn of(&self, audience: &Audience) -> Option<&ScopeSet> {
        self.0.iter().find(|(known, _)| known == audience).map(|(_, scopes)| scopes)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (audience, scopes) in self.0.iter() {
            if *audience == "" {
                let fix = "name the API whose tokens these scopes are for";
                return Err(ConfigError::wrong("audience of scopes", "", "is empty", fix));
            }
            if scopes.is_empty() {
                let fix = "name some, separated by spaces, or leave add_scopes_for out";
                return Err(ConfigError::wrong("scopes for", audience.as_str(), "are none", fix));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn scopes_of_one_audience_add_up_and_are_of_no_other() {
        let mut scopes = AudienceScopes::default();
        scopes.add("https://a.example".into(), "read:a");
        scopes.add("https://b.example".into(), "read:b");
        scopes.add("https://a.example".into(), "write:a read:a");
        let of = |audience: &str| scopes.of(&audience.into()).map(ToString::to_string);
        assert_eq!(of("https://a.example").as_deref(), Some("read:a write:a"));
        assert_eq!(of("https://b.example").as_deref(), Some("read:b"));
        assert_eq!(of("https://a.example/"), None);
        assert!(scopes.check().is_ok());
    }

    #[test]
    fn what_names_no_api_or_no_scope_is_an_error_that_says_so() {
        for (audience, scopes, message) in [
            (
                "",
                "read:a",
                "audience of scopes \"\" is empty: name the API whose tokens these scopes are for",
            ),
            (
                "https://a.example",
                " ",
                "scopes for \"https://a.example\" are none: name some, separated by spaces, or leave add_scopes_for out",
            ),
        ] {
            let mut wrong = AudienceScopes::default();
            wrong.add(audience.into(), scopes);
            assert_eq!(wrong.check().unwrap_err().to_string(), message);
        }
    }
}
