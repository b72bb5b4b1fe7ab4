//! JSON in which no member may come twice (RFC 8259 leaves it open, RFC 7515 §4 does not).
//!
//! # Rules
//! 1. At any depth, since what one reader takes first another takes last.
//! 2. A document of many objects may lose the bad ones only: see [`parse_each`].

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads an object; nothing where a member comes twice.
pub(crate) fn parse_strict(bytes: &[u8]) -> Option<Map<String, Value>> {
    let repeated = Cell::new(false);
    match read(bytes, AnyValue { repeated: &repeated })? {
        Value::Object(members) if !repeated.get() => Some(members),
        _ => None,
    }
}

/// Reads an object's member `name`, an array of `most` elements: an element that is no object, or in
/// which a member comes twice, is nothing.
pub(crate) fn parse_each(bytes: &[u8], name: &str, most: usize) -> Option<Vec<Option<Map<String, Value>>>> {
    read(bytes, Envelope { name, most })
}

fn read<'de, S: DeserializeSeed<'de>>(bytes: &'de [u8], seed: S) -> Option<S::Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = seed.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

/// Any value; says whether a member came twice in it, and reads on.
#[derive(Clone, Copy)]
struct AnyValue<'r> {
    repeated: &'r Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(self)? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if members.insert(name, access.next_value_seed(self)?).is_some() {
                self.repeated.set(true);
            }
        }
        Ok(Value::Object(members))
    }
}

/// The object around the elements.
struct Envelope<'n> {
    name: &'n str,
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Envelope<'_> {
    type Value = Vec<Option<Map<String, Value>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Envelope<'_> {
    type Value = Vec<Option<Map<String, Value>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with an array {:?} of {} at most", self.name, self.most)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let (mut elements, mut others) = (None, Map::new());
        while let Some(name) = access.next_key::<String>()? {
            let repeated = if name == self.name {
                elements.replace(access.next_value_seed(Elements { most: self.most })?).is_some()
            } else {
                let ignored = Cell::new(false);
                let value = access.next_value_seed(AnyValue { repeated: &ignored })?;
                others.insert(name, value).is_some() || ignored.get()
            };
            if repeated {
                return Err(A::Error::custom("a member comes twice"));
            }
        }
        elements.ok_or_else(|| A::Error::custom("the array is missing"))
    }
}

struct Elements {
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Elements {
    type Value = Vec<Option<Map<String, Value>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<Option<Map<String, Value>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {} at most", self.most)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        let repeated = Cell::new(false);
        while let Some(element) = access.next_element_seed(AnyValue { repeated: &repeated })? {
            if elements.len() == self.most {
                return Err(A::Error::custom("there are too many"));
            }
            elements.push(match element {
                Value::Object(members) if !repeated.get() => Some(members),
                _ => None,
            });
            repeated.set(false);
        }
        Ok(elements)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unique_reads_as_serde_json_reads_it() {
        let text = r#"{"a":null,"b":[true,-1,2,1.5,"x",{"a":18446744073709551615}],"c":{"\u0061":{"b":{}}}}"#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(Value::Object(parse_strict(text.as_bytes()).unwrap()), expected);
    }

    #[test]
    fn a_member_that_comes_twice_is_found_at_any_depth_and_in_any_writing() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[1,{"b":[{"c":1,"c":2}]}]}"#,
        ] {
            assert_eq!(parse_strict(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_object_or_has_something_after_it_is_nothing() {
        let deep = format!("{}{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
        for text in ["", "[]", "1", "\"a\"", "null", "{", "{}x", "{}{}", "{\"a\":1e400}", "\u{feff}{}", &deep]
        {
            assert_eq!(parse_strict(text.as_bytes()), None, "{text:.20}");
        }
        assert_eq!(parse_strict(b"{\"a\":\"\xff\"}"), None, "no UTF-8");
        assert!(parse_strict(b" {} \n").is_some());
    }

    #[test]
    fn a_bad_element_is_lost_alone_and_a_bad_envelope_loses_all() {
        let kept = |text: &str| {
            let each = parse_each(text.as_bytes(), "keys", 3)?;
            Some(each.iter().map(Option::is_some).collect::<Vec<_>>())
        };
        for (text, expected) in [
            (r#"{"keys":[]}"#, Some(vec![])),
            (r#"{"keys":[{},7,{"a":1,"a":2}]}"#, Some(vec![true, false, false])),
            (r#"{"keys":[{"a":{"b":1,"b":2}},{}]}"#, Some(vec![false, true])),
            (r#"{"a":1,"keys":[{}],"b":{}}"#, Some(vec![true])),
            (r#"{"keys":[{},{},{},{}]}"#, None),
            (r#"{"keys":[],"keys":[{}]}"#, None),
            (r#"{"a":1,"a":1,"keys":[]}"#, None),
            (r#"{"keys":{}}"#, None),
            (r#"{"keys":null}"#, None),
            (r#"{"key":[]}"#, None),
            (r#"{"keys":[]}{}"#, None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(kept(text), expected, "{text}");
        }
    }
}
