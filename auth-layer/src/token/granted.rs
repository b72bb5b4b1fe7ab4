//! What a bearer token grants, and for which of this API's names: read at first sight, on a request's path.

use std::iter;
use std::sync::OnceLock;

use crate::identifier::Audience;
use crate::scope::{ScopeSet, words};

/// The scopes of a bearer token as its issuer wrote them; they are put in order when somebody asks for
/// that, which most handlers do not.
#[derive(Debug)]
pub(crate) struct Granted {
    list: Box<str>,
    in_order: OnceLock<ScopeSet>,
}

impl Granted {
    /// Reads a space-delimited list.
    pub(crate) fn parse(list: &str) -> Self {
        // Beyond the limits of a set, only a set says what counts.
        if list.len() > SHORT {
            return ScopeSet::parse(list).into();
        }
        Self { list: Box::from(list), in_order: OnceLock::new() }
    }

    pub(crate) fn contains(&self, scope: &str) -> bool {
        match self.in_order.get() {
            Some(set) => set.contains(scope),
            None => words(&self.list).any(|held| held == scope),
        }
    }

    pub(crate) fn set(&self) -> &ScopeSet {
        self.in_order.get_or_init(|| ScopeSet::parse(&self.list))
    }

    /// The lengths of what it owns, or will.
    pub(crate) fn owned(&self) -> [usize; 2] {
        let most = self.in_order.get().map_or(self.list.len(), |set| set.as_str().len());
        [self.list.len(), most + 2 * size_of::<usize>()]
    }
}

impl From<ScopeSet> for Granted {
    fn from(set: ScopeSet) -> Self {
        Self { list: Box::default(), in_order: OnceLock::from(set) }
    }
}

/// Those of a token's audiences that are this API's: one, for most tokens.
#[derive(Debug)]
pub(crate) struct Audiences {
    first: Audience,
    others: Vec<Audience>,
}

impl Audiences {
    /// `None` where there is none.
    pub(crate) fn collect(mut audiences: impl Iterator<Item = Audience>) -> Option<Self> {
        Some(Self { first: audiences.next()?, others: audiences.collect() })
    }

    pub(crate) const fn first(&self) -> &Audience {
        &self.first
    }

    pub(crate) fn contains(&self, audience: &str) -> bool {
        iter::once(&self.first).chain(&self.others).any(|held| *held == *audience)
    }

    /// The length of what it owns.
    pub(crate) const fn owned(&self) -> usize {
        self.others.capacity() * size_of::<Audience>()
    }
}

/// No word of a list this long is too long for a set, and there are not too many.
const SHORT: usize = 256;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_list_grants_what_the_set_of_it_does_before_and_after_it_is_put_in_order() {
        let long = format!("a {} {}", "b".repeat(257), "c ".repeat(2_000));
        for list in ["", " ", "a", "b a", " b  a b ", "aa", "A", &long] {
            let (granted, set) = (Granted::parse(list), ScopeSet::parse(list));
            let same = |granted: &Granted| {
                for scope in ["", " ", "a", "b", "c", "a b", "b a", &"b".repeat(257)] {
                    assert_eq!(granted.contains(scope), set.contains(scope), "{scope:?} in {list:.40?}");
                }
            };
            same(&granted);
            assert_eq!(granted.set(), &set);
            same(&granted);
            same(&set.clone().into());
        }
    }

    #[test]
    fn there_is_always_an_audience() {
        let collect = |names: &[&str]| Audiences::collect(names.iter().copied().map(Audience::from));
        assert!(collect(&[]).is_none());
        let two = collect(&["a", "b"]).unwrap();
        assert_eq!(two.first().as_str(), "a");
        assert!(two.contains("a") && two.contains("b") && !two.contains("c") && !two.contains(""));
    }
}
