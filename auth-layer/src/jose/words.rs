//! A claim that is a text or a list of texts: audiences, scopes, permissions.

use std::borrow::Cow;
use std::fmt;
use std::slice;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};

use crate::jose::claim::Text;
use crate::scope::ScopeSet;

/// One text, or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Words<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

impl Words<'_> {
    /// The texts, whole.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            Self::One(one) => slice::from_ref(one),
            Self::Many(many) => many,
        };
        all.iter().map(|text| &**text)
    }

    /// The scopes: a text is split at its spaces; an element of a list is a scope as it is, and one
    /// with a space in it is none.
    pub(crate) fn scopes(&self) -> ScopeSet {
        match self {
            Self::One(one) => ScopeSet::parse(one),
            // Deliberately not split: of the role "not admin" nobody becomes `admin`.
            Self::Many(many) => many.iter().map(|text| &**text).filter(|text| !text.contains(' ')).collect(),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Words::One(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Words::One(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut words = Vec::new();
        while let Some(Text(word)) = access.next_element()? {
            if words.len() == MAX_WORDS {
                return Err(A::Error::custom("there are too many"));
            }
            words.push(word);
        }
        Ok(Words::Many(words))
    }
}

const MAX_WORDS: usize = 1_024;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_and_an_element_of_a_list_is_not() {
        for (json, texts, scopes) in [
            (r#""b a""#, vec!["b a"], "a b"),
            (r#""""#, vec![""], ""),
            (r#"["b","\u0061"]"#, vec!["b", "a"], "a b"),
            (r#"["not admin","a",""]"#, vec!["not admin", "a", ""], "a"),
            ("[]", vec![], ""),
        ] {
            let words = serde_json::from_str::<Words<'_>>(json).unwrap();
            assert_eq!(words.iter().collect::<Vec<_>>(), texts);
            assert_eq!(words.scopes().as_str(), scopes, "{json}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_and_so_are_too_many() {
        for json in ["null", "true", "7", "-7", "1.5", "{}", r#"["a",7]"#, r#"[["a"]]"#, "[null]"] {
            assert!(serde_json::from_str::<Words<'_>>(json).is_err(), "{json}");
        }
        for (words, good) in [(1_024, true), (1_025, false)] {
            let json = format!("[{}]", vec![r#""a""#; words].join(","));
            assert_eq!(serde_json::from_str::<Words<'_>>(&json).is_ok(), good);
        }
    }
}
