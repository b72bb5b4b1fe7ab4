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

use std::fmt;

/// A set of scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(Vec<Box<str>>);

impl ScopeSet {
    /// Reads a space-delimited list.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        list.split(' ').collect()
    }

    /// Returns whether `scope` is in the set.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.binary_search_by(|held| (**held).cmp(scope)).is_ok()
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
        self.0.iter().map(|scope| &**scope)
    }

    /// Returns how many scopes the set holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
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
}

impl<'a> FromIterator<&'a str> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(scopes: I) -> Self {
        let mut held: Vec<Box<str>> = scopes
            .into_iter()
            .filter(|scope| !scope.is_empty() && scope.len() <= MAX_SCOPE_BYTES)
            .take(MAX_SCOPES)
            .map(Box::from)
            .collect();
        held.sort_unstable();
        held.dedup();
        Self(held)
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

const MAX_SCOPES: usize = 1_024;
const MAX_SCOPE_BYTES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_whole_word() {
        let set = ScopeSet::parse("read:products  write:products read:products");
        assert_eq!(set.len(), 2);
        for (scope, held) in [("read:products", true), ("read", false), ("Read:products", false), ("", false)]
        {
            assert_eq!(set.contains(scope), held, "{scope:?}");
        }
    }
}
