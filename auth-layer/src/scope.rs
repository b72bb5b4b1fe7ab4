//! Scopes: what an access token lets its holder do (RFC 6749 §3.3).
//!
//! # Rules
//! 1. Scopes compare as sets of whole, case-sensitive strings; `read` never matches `read:products`.
//! 2. A [`ScopeSet`] is read from the wire as it came: words split at spaces, duplicates folded.
//!
//! # Limits
//! 1,024 scopes of 256 bytes each; what is beyond is dropped, which can only take rights away.
//!
//! # Example
//! ```
//! use auth_layer::ScopeSet;
//!
//! let granted = ScopeSet::parse("openid read:products");
//! assert!(granted.contains("read:products") && !granted.contains("read"));
//! assert_eq!(granted.missing(&["read:products", "write:products"]), ["write:products"]);
//! ```

use std::sync::Arc;
use std::{fmt, iter, mem};

use memchr::memchr_iter;

/// A set of scopes; a copy costs one reference count.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ScopeSet(Arc<str>);

impl ScopeSet {
    /// Reads a space-delimited list.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        words(list).collect()
    }

    /// Reads what [`ScopeSet::as_str`] gave, from under our own seal.
    pub(crate) fn sealed(list: &str) -> Self {
        Self(Arc::from(list))
    }

    /// Returns whether `scope` is in the set.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|held| held == scope)
    }

    /// Returns those of `required` that the set lacks, in the order required.
    #[must_use]
    pub fn missing<'a>(&self, required: &[&'a str]) -> Vec<&'a str> {
        required.iter().copied().filter(|scope| !self.contains(scope)).collect()
    }

    /// Returns whether every one of `required` is in the set; allocates nothing.
    #[must_use]
    pub fn contains_all(&self, required: &[&str]) -> bool {
        required.iter().all(|scope| self.contains(scope))
    }

    /// Returns whether the set holds all that `other` holds.
    #[must_use]
    pub fn is_superset(&self, other: &Self) -> bool {
        other.iter().all(|scope| self.contains(scope))
    }

    /// Returns the scopes in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        words(&self.0)
    }

    /// Returns how many scopes the set holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns whether the set holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns this set with the scopes of `more` added.
    #[must_use]
    pub fn union(&self, more: &[&str]) -> Self {
        self.iter().chain(more.iter().copied()).collect()
    }

    /// Returns the set as the wire has it: in alphabetical order, a space between two.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ScopeSet {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl<'a> FromIterator<&'a str> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(scopes: I) -> Self {
        let words = scopes.into_iter().flat_map(words);
        let mut held: Vec<&str> = Vec::with_capacity(USUAL_SCOPES);
        held.extend(words.filter(|scope| scope.len() <= MAX_SCOPE_BYTES).take(MAX_SCOPES));
        held.sort_unstable();
        held.dedup();
        Self(Arc::from(held.join(" ")))
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScopeSet").field(&self.as_str()).finish()
    }
}

/// The words of a space-delimited list, none of them empty.
pub(crate) fn words(list: &str) -> impl Iterator<Item = &str> {
    let mut ends = memchr_iter(b' ', list.as_bytes()).chain([list.len()]);
    let mut begin = 0;
    let next = move || ends.next().map(|end| &list[mem::replace(&mut begin, end + 1)..end]);
    iter::from_fn(next).filter(|word| !word.is_empty())
}

/// As many as most tokens have: the list is allocated once.
const USUAL_SCOPES: usize = 16;
const MAX_SCOPES: usize = 1_024;
const MAX_SCOPE_BYTES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_whole_word() {
        let set = ScopeSet::parse("write:products  read:products write:products ");
        assert_eq!((set.len(), set.as_str()), (2, "read:products write:products"));
        assert_eq!(set, ["write:products", "read:products"].into_iter().collect());
        for (scope, held) in [("read:products", true), ("read", false), ("Read:products", false), ("", false)]
        {
            assert_eq!(set.contains(scope), held, "{scope:?}");
        }
    }

    #[test]
    fn a_set_reads_what_it_wrote_and_an_empty_one_holds_nothing() {
        for (list, written, len) in
            [("", "", 0), (" ", "", 0), ("a", "a", 1), ("a b", "a b", 2), ("b a", "a b", 2)]
        {
            let set = ScopeSet::parse(list);
            assert_eq!((set.as_str(), set.len()), (written, len), "{list:?}");
            assert_eq!((ScopeSet::parse(set.as_str()), ScopeSet::sealed(set.as_str())), (set.clone(), set));
        }
        let long = "x".repeat(MAX_SCOPE_BYTES + 1);
        assert!(ScopeSet::parse(&long).is_empty());
    }
}
