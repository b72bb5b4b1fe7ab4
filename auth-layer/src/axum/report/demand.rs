//! What a route demands of its caller's scopes, in a form that code and documents share.

use std::collections::BTreeSet;
use std::fmt;

use crate::axum::access::Access;
use crate::axum::row::Row;
use crate::token::Rule;

/// The scopes of one alternative: all are required.
pub(super) type Scopes = BTreeSet<String>;

/// Who may call, as far as scopes go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// Anyone.
    Nothing,
    /// Whoever has all scopes of one of these; an empty one is a login.
    OneOf(BTreeSet<Scopes>),
}

impl Demand {
    /// None where nobody here knows.
    pub(super) fn of_row(row: &Row) -> Option<Self> {
        match row.access() {
            Access::Public => Some(Self::Nothing),
            Access::Required(rule) => Some(Self::of_rule(rule)),
            Access::Session | Access::User => Some(Self::OneOf(BTreeSet::from([Scopes::new()]))),
            Access::Elsewhere => None,
        }
    }

    fn of_rule(rule: &Rule) -> Self {
        let all: Scopes = rule.scopes().iter().map(|scope| (*scope).to_owned()).collect();
        if rule.any_scopes().is_empty() {
            return Self::OneOf(BTreeSet::from([all]));
        }
        let with = |any: &&str| all.iter().cloned().chain([(*any).to_owned()]).collect();
        Self::OneOf(rule.any_scopes().iter().map(with).collect())
    }

    pub(super) fn alternatives(&self) -> impl Iterator<Item = &Scopes> {
        match self {
            Self::Nothing => None,
            Self::OneOf(alternatives) => Some(alternatives.iter()),
        }
        .into_iter()
        .flatten()
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |scopes: &Scopes| match scopes.is_empty() {
            true => "a login".to_owned(),
            false => scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
        };
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::OneOf(alternatives) => {
                f.write_str(&alternatives.iter().map(shown).collect::<Vec<_>>().join(", or "))
            }
        }
    }
}

/// Whether a handler is of an audience, or of none that is said.
pub(super) fn is_of(row: &Row, audience: &str) -> bool {
    row.rule().and_then(Rule::audience).is_none_or(|own| own.as_str() == audience)
}

/// The scopes that a handler requires, all or any of them.
pub(super) fn scopes_of(row: &Row) -> impl Iterator<Item = &'static str> {
    row.rule().into_iter().flat_map(|rule| rule.scopes().iter().chain(rule.any_scopes()).copied())
}

/// A path without the names of its captures: `/products/{id}` and `/products/{product}` are one.
///
/// A brace that is doubled is a brace, and no capture.
pub(super) fn unnamed(path: &str) -> String {
    let mut unnamed = String::new();
    let mut rest = path;
    while let Some(place) = rest.find('{') {
        let (before, from) = rest.split_at(place);
        unnamed.push_str(before);
        rest = match (from.strip_prefix("{{"), from.find('}')) {
            (Some(rest), _) => {
                unnamed.push_str("{{");
                rest
            }
            (None, Some(end)) => {
                unnamed.push_str(if from.starts_with(WILDCARD) { "{*}" } else { "{}" });
                from.get(end + 1..).unwrap_or_default()
            }
            (None, None) => {
                unnamed.push_str(from);
                ""
            }
        };
    }
    unnamed + rest
}

/// What a capture of all that follows begins with.
pub(super) const WILDCARD: &str = "{*";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_captures_are_taken_away() {
        for (path, expected) in [
            ("/", "/"),
            ("/products/{id}", "/products/{}"),
            ("/products/{id}/parts/{part}.json", "/products/{}/parts/{}.json"),
            ("/files/{*path}", "/files/{*}"),
            ("/{{id}}/{id}", "/{{id}}/{}"),
            ("/{id", "/{id"),
            ("", ""),
        ] {
            assert_eq!(unnamed(path), expected, "{path}");
        }
    }
}
