//! Texts of an event, which borrow from the log where they can.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// A text.
// In an `Option<Cow<str>>` serde's derive would always copy.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Words: a text of them, or an array.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words<'a>(Vec<Cow<'a, str>>);

impl Words<'_> {
    /// Returns each word once, in order.
    pub(crate) fn set(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self.0.iter().flat_map(|text| text.split_ascii_whitespace()).collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

impl<'a> Words<'a> {
    /// Returns the whole as one text.
    pub(super) fn into_text(mut self) -> Cow<'a, str> {
        match self.0.len() {
            1 => self.0.remove(0),
            _ => Cow::Owned(self.0.join(" ")),
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
        f.write_str("a text or an array of texts")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Words(vec![Cow::Borrowed(text)]))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Words(vec![Cow::Owned(text.to_owned())]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut words = Vec::new();
        while let Some(Text(word)) = sequence.next_element()? {
            words.push(word);
        }
        Ok(Words(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_a_set_whether_a_text_or_an_array_names_them() {
        for json in [r#""b  a b""#, r#"["b","a"]"#, r#"["b a","b"]"#, "\"a\\u0020b\""] {
            let words: Words<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(words.set(), ["a", "b"], "{json}");
        }
        for json in ["1", "{}", "[1]", "true"] {
            assert!(serde_json::from_str::<Words<'_>>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_text_without_escapes_is_not_copied() {
        let text: Option<Text<'_>> = serde_json::from_str(r#""https://api""#).unwrap();
        assert!(matches!(text, Some(Text(Cow::Borrowed("https://api")))), "{text:?}");
    }
}
