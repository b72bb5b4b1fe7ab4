//! A claim that is a text or a list of texts: audiences, scopes, permissions.

use std::borrow::Cow;
use std::slice;

use crate::jose::members::Json;
use crate::scope::ScopeSet;

/// One text, or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Words<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Words<'a> {
    /// A value of another type, or with an element of another type, is nothing.
    pub(crate) fn of(value: Json<'a>) -> Option<Self> {
        match value {
            Json::Text(one) => Some(Self::One(one)),
            Json::List(many) => {
                let text = |element| match element {
                    Json::Text(text) => Some(text),
                    _ => None,
                };
                many.into_iter().map(text).collect::<Option<_>>().map(Self::Many)
            }
            _ => None,
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Json<'_> {
        Json::Text(Cow::Borrowed(value))
    }

    #[test]
    fn a_text_is_split_and_an_element_of_a_list_is_not() {
        for (value, texts, scopes) in [
            (text("b a"), vec!["b a"], "a b"),
            (text(""), vec![""], ""),
            (Json::List(vec![text("b"), text("a")]), vec!["b", "a"], "a b"),
            (Json::List(vec![text("not admin"), text("a"), text("")]), vec!["not admin", "a", ""], "a"),
            (Json::List(vec![]), vec![], ""),
        ] {
            let words = Words::of(value).expect("it is texts");
            assert_eq!(words.iter().collect::<Vec<_>>(), texts);
            assert_eq!(words.scopes().as_str(), scopes, "{texts:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_nothing() {
        for value in [
            Json::Null,
            Json::Bool,
            Json::Number(7.0),
            Json::Object(vec![]),
            Json::List(vec![text("a"), Json::Number(7.0)]),
            Json::List(vec![Json::List(vec![text("a")])]),
        ] {
            assert_eq!(Words::of(value.clone()), None, "{value:?}");
        }
    }
}
