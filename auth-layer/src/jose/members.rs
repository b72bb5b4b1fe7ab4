//! An object of a token, read once: known members by their place, all names unique.
//!
//! # Rules
//! 1. Texts are borrowed from the token; only one that has an escape in it is copied.
//! 2. What is not known is checked for its syntax and let go.
//! 3. A member that comes twice is refused, known or not; in what is known, at any depth.
//!
//! # Limits
//! 256 members in an object, 1,024 elements in a list.

use std::borrow::Cow;
use std::fmt;
use std::str;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A JSON value of unique members.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool,
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// The known members of an object, each at the place that its name has.
pub(crate) type Places<'a, const N: usize> = [Option<Json<'a>>; N];

/// Reads an object whose names are unique; nothing where it is none.
pub(crate) fn read_members<const N: usize>(
    bytes: &[u8],
    place: fn(&str) -> Option<usize>,
) -> Option<Places<'_, N>> {
    // Once for all, instead of text by text, and in what is let go too.
    let text = str::from_utf8(bytes).ok()?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let places = deserializer.deserialize_map(Known::<N> { place }).ok()?;
    deserializer.end().ok()?;
    Some(places)
}

struct Known<const N: usize> {
    place: fn(&str) -> Option<usize>,
}

impl<'de, const N: usize> Visitor<'de> for Known<N> {
    type Value = Places<'de, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of unique members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut places = [const { None }; N];
        let mut others = Vec::new();
        let mut members = 0;
        while let Some(Text(name)) = access.next_key()? {
            members += 1;
            let repeated = match (self.place)(&name).and_then(|place| places.get_mut(place)) {
                Some(place) => place.replace(access.next_value()?).is_some(),
                None => {
                    access.next_value::<IgnoredAny>()?;
                    let repeated = others.contains(&name);
                    others.push(name);
                    repeated
                }
            };
            if repeated || members > MAX_MEMBERS {
                return Err(refused());
            }
        }
        Ok(places)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Whole)
    }
}

struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of unique members")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool)
    }

    // What a float rounds is far beyond any time, and no claim is another number.
    #[allow(clippy::cast_precision_loss)]
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Json::Number(value as f64))
    }

    #[allow(clippy::cast_precision_loss)]
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Json::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            if elements.len() == MAX_ELEMENTS {
                return Err(refused());
            }
            elements.push(element);
        }
        Ok(Json::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Json<'de>)> = Vec::new();
        while let Some(Text(name)) = access.next_key()? {
            if members.len() == MAX_MEMBERS || members.iter().any(|(known, _)| *known == name) {
                return Err(refused());
            }
            members.push((name, access.next_value()?));
        }
        Ok(Json::Object(members))
    }
}

/// A text, borrowed where it can be.
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(value.to_owned())))
    }
}

fn refused<E: serde::de::Error>() -> E {
    E::custom("a member comes twice, or there are too many")
}

const MAX_MEMBERS: usize = 256;
const MAX_ELEMENTS: usize = 1_024;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Places<'_, 2>> {
        read_members(text.as_bytes(), |name| ["a", "b"].iter().position(|known| *known == name))
    }

    fn text(value: &str) -> Option<Json<'_>> {
        Some(Json::Text(Cow::Borrowed(value)))
    }

    #[test]
    fn known_members_are_at_their_places_and_texts_are_borrowed() {
        let [a, b] = read(r#"{"x":{"y":[1,2,{}]},"b":"B","a":"A"}"#).unwrap();
        assert_eq!((&a, &b), (&text("A"), &text("B")));
        assert!(matches!(a, Some(Json::Text(Cow::Borrowed(_)))));
        let [a, b] = read(r#"{"\u0061":"\u0041"}"#).unwrap();
        assert_eq!((&a, &b), (&text("A"), &None), "an escaped name is the name that it writes");
        let [a, b] = read(r#"{"a":null,"b":{"c":[true,1,-2.5]}}"#).unwrap();
        let list = Json::List(vec![Json::Bool, Json::Number(1.0), Json::Number(-2.5)]);
        assert_eq!((a, b), (Some(Json::Null), Some(Json::Object(vec![(Cow::Borrowed("c"), list)]))));
        assert_eq!(read("{}"), Some([None, None]));
    }

    #[test]
    fn a_member_that_comes_twice_is_refused() {
        for twice in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":null,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"x":1,"x":1}"#,
            r#"{"x":1,"a":2,"\u0078":1}"#,
            r#"{"a":{"c":1,"c":1}}"#,
            r#"{"a":[{"c":1,"\u0063":1}]}"#,
        ] {
            assert_eq!(read(twice), None, "{twice}");
        }
    }

    #[test]
    fn what_is_no_object_is_nothing() {
        let deep = format!("{{\"a\":{}", "[".repeat(5_000));
        let unknown_and_deep = format!("{{\"x\":{}", "[".repeat(5_000));
        for wrong in [
            "",
            "[]",
            "1",
            "null",
            "\"a\"",
            "{",
            "{}{}",
            "{}x",
            "{\"a\"}",
            "{\"a\":1e400}",
            "{\"x\":01}",
            "\u{feff}{}",
            &deep,
            &unknown_and_deep,
        ] {
            assert!(read(wrong).is_none(), "{wrong:.20}");
        }
        // Also in what is let go.
        for bytes in [b"{\"a\":\"\xff\"}", b"{\"x\":\"\xff\"}", b"{\"\xff\":\"x\"}"] {
            assert!(read_members::<2>(bytes, |_| None).is_none());
        }
    }

    #[test]
    fn memory_is_bounded() {
        let object = |members: usize| {
            let members: Vec<_> = (0..members).map(|member| format!("\"x{member}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        let list = |elements: usize| format!("{{\"a\":[{}]}}", vec!["0"; elements].join(","));
        for (text, good) in [
            (object(256), true),
            (object(257), false),
            (format!("{{\"a\":{}}}", object(256)), true),
            (format!("{{\"a\":{}}}", object(257)), false),
            (list(1_024), true),
            (list(1_025), false),
        ] {
            assert_eq!(read(&text).is_some(), good, "{text:.20}");
        }
    }
}
