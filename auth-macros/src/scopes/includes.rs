//! Which scopes a scope includes, and which those include in turn.
//!
//! # Rules
//! 1. A scope is included by the name of its type or by its text, and declared in the same invocation.
//! 2. A token has one audience, so a scope includes scopes of its own audience only; and what it includes can
//!    be named wherever it can be named itself.
//! 3. Beside a refusal the scope includes all that it could: the refusal is the only error.

use std::collections::{HashMap, HashSet};

use quote::ToTokens as _;
use syn::Ident;

use crate::fallback::Refusals;
use crate::scopes::args::{Api, Included, Registry, Scope};
use crate::suggest::nearest;

/// What each scope includes, directly or not.
#[derive(Debug, Default)]
pub(super) struct Includes {
    of: HashMap<String, Vec<Ident>>,
    concerned: HashSet<String>,
}

impl Includes {
    pub(super) fn of_registry(registry: &Registry) -> (Self, Refusals) {
        let mut refusals = Refusals::default();
        let declared = Declared::by(registry);
        let places = 0..declared.scopes.len();
        let direct: Vec<Vec<usize>> = places.clone().map(|at| declared.direct(at, &mut refusals)).collect();
        let all: Vec<Vec<usize>> = places.clone().map(|at| reached(at, &direct)).collect();
        declared.refuse_circles(&direct, &all, &mut refusals);
        let mut includes = Self::default();
        for at in places.filter(|at| !all[*at].is_empty()) {
            let names: Vec<Ident> = all[at]
                .iter()
                .filter(|other| **other != at)
                .map(|other| declared.name(*other).clone())
                .collect();
            includes.concerned.extend(names.iter().chain([declared.name(at)]).map(Ident::to_string));
            includes.of.insert(declared.name(at).to_string(), names);
        }
        (includes, refusals)
    }

    /// The names of all that a scope includes.
    pub(super) fn of(&self, scope: &Ident) -> impl Iterator<Item = &Ident> {
        self.of.get(&scope.to_string()).into_iter().flatten()
    }

    /// Whether a scope includes others, or is included.
    pub(super) fn concern(&self, scope: &Ident) -> bool {
        self.concerned.contains(&scope.to_string())
    }
}

/// All scopes of an invocation, each at its place.
struct Declared<'a> {
    scopes: Vec<(&'a Api, &'a Scope)>,
    by_name: HashMap<String, usize>,
    by_text: HashMap<String, usize>,
}

impl<'a> Declared<'a> {
    fn by(registry: &'a Registry) -> Self {
        let scopes: Vec<(&Api, &Scope)> =
            registry.apis.iter().flat_map(|api| api.scopes.iter().map(move |scope| (api, scope))).collect();
        let places = || scopes.iter().enumerate().rev();
        Self {
            by_name: places().map(|(at, (_, scope))| (scope.name.to_string(), at)).collect(),
            by_text: places().map(|(at, (_, scope))| (scope.text.value(), at)).collect(),
            scopes,
        }
    }

    fn name(&self, at: usize) -> &'a Ident {
        &self.scopes[at].1.name
    }

    /// What a scope names itself.
    fn direct(&self, at: usize, refusals: &mut Refusals) -> Vec<usize> {
        let mut direct = Vec::new();
        let mut is_refused = false;
        for included in &self.scopes[at].1.includes {
            let found = self.included(at, included).and_then(|other| match direct.contains(&other) {
                true => Err(format!("`{}` is included twice: remove one", self.name(other))),
                false => Ok(other),
            });
            match found {
                Ok(other) => direct.push(other),
                Err(why) => {
                    is_refused = true;
                    refusals.at(included, why);
                }
            }
        }
        match is_refused {
            true => (0..self.scopes.len()).filter(|other| self.refuse(at, *other).is_none()).collect(),
            false => direct,
        }
    }

    /// Finds what is included, or says why it cannot be.
    fn included(&self, at: usize, included: &Included) -> Result<usize, String> {
        let found = match included {
            Included::Type(name) => self.by_name.get(&name.to_string()),
            Included::Text(text) => self.by_text.get(&text.value()),
        };
        let Some(other) = found.copied() else { return Err(self.unknown(included)) };
        self.refuse(at, other).map_or(Ok(other), Err)
    }

    fn refuse(&self, at: usize, other: usize) -> Option<String> {
        let ((api, scope), (other_api, other)) = (self.scopes[at], self.scopes[other]);
        let (name, other) = (&scope.name, &other.name);
        if name == other {
            return Some(format!("`{name}` includes itself anyway: remove it here"));
        }
        let audience = |api: &Api| api.audience.as_ref().map(syn::LitStr::value);
        if audience(api) != audience(other_api) {
            return Some(format!(
                "`{other}` is of `{}`, which has another audience than `{}`, and a token has one: include scopes of one audience",
                other_api.name, api.name
            ));
        }
        let visibility = |api: &Api| api.visibility.to_token_stream().to_string();
        (visibility(api) != visibility(other_api)).then(|| {
            format!(
                "`{}` and `{}` can be named from different places: give both APIs the same visibility, or include scopes of one",
                api.name, other_api.name
            )
        })
    }

    fn unknown(&self, included: &Included) -> String {
        let (written, known): (String, Vec<String>) = match included {
            Included::Type(name) => (name.to_string(), self.names(|scope| scope.name.to_string())),
            Included::Text(text) => (text.value(), self.names(|scope| scope.text.value())),
        };
        let shown = |name: &str| match included {
            Included::Type(_) => format!("`{name}`"),
            Included::Text(_) => format!("{name:?}"),
        };
        match nearest(&written, known.iter().map(String::as_str)) {
            Some(meant) => format!("unknown scope {}, did you mean {}?", shown(&written), shown(meant)),
            None => format!(
                "unknown scope {}: include one that is declared here, as in `includes [ReadProducts, \"write:products\"]`",
                shown(&written)
            ),
        }
    }

    fn names(&self, name: impl Fn(&Scope) -> String) -> Vec<String> {
        self.scopes.iter().map(|(_, scope)| name(scope)).collect()
    }

    /// Each circle is told once, at the first of its scopes.
    fn refuse_circles(&self, direct: &[Vec<usize>], all: &[Vec<usize>], refusals: &mut Refusals) {
        let mut told = HashSet::new();
        for at in (0..all.len()).filter(|at| all[*at].contains(at)) {
            let is_first = told.insert(at);
            told.extend(all[at].iter().filter(|other| all[**other].contains(&at)));
            let way = self.scopes[at]
                .1
                .includes
                .iter()
                .zip(&direct[at])
                .find(|(_, other)| all[**other].contains(&at));
            if let (true, Some((included, other))) = (is_first, way) {
                let (name, other) = (self.name(at), self.name(*other));
                refusals.at(
                    included,
                    format!("`{other}` includes `{name}` in turn, so neither is more than the other: remove one of the two"),
                );
            }
        }
    }
}

/// All that follows from what is included directly: the scope itself too, where it comes back to it.
fn reached(from: usize, direct: &[Vec<usize>]) -> Vec<usize> {
    let mut reached: Vec<usize> = Vec::new();
    let (mut seen, mut next) = (HashSet::new(), 0);
    let mut ahead: Vec<usize> = direct[from].clone();
    while let Some(place) = ahead.get(next).copied() {
        next += 1;
        if seen.insert(place) {
            reached.push(place);
            ahead.extend(&direct[place]);
        }
    }
    reached
}
