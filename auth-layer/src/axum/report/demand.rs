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

/// A path without the names of its captures: `/products/{id}` and `/products/{product}` are one.
pub(super) fn unnamed(path: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) if name.starts_with('*') => "{*}".to_owned(),
        Some(_) => "{}".to_owned(),
        None => segment.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}
