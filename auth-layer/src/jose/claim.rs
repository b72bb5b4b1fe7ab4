//! The value of one claim: a text, or a time, and nothing else in its place (RFC 8725 §3.1, CVE-2026-25537).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::clock::Timestamp;
use crate::jose::error::VerifyError;
use crate::jose::legible::Legible;
use crate::jose::members::Unread;
use crate::jose::times::numeric_date;

/// A text, borrowed where it can be.
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

/// A text; of another type it is nothing.
pub(crate) struct TextIfAny<'a>(pub(crate) Option<Cow<'a, str>>);

/// A `NumericDate`.
pub(crate) struct Time(pub(crate) Timestamp);

impl From<Unread> for VerifyError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Object => Self::claims("they are no object of at most 256 unique members"),
            Unread::Member(name) => Self::claims(format!("{name} is of the wrong type")),
        }
    }
}

/// Returns a claim that must be there.
pub(crate) fn required<T>(name: &str, claim: Option<T>) -> Result<T, VerifyError> {
    claim.ok_or_else(|| VerifyError::claims(format!("{name} is missing")))
}

/// Returns a text that is worth keeping: neither empty, nor longer than 256 bytes.
pub(crate) fn short<'a>(name: &str, text: Cow<'a, str>) -> Result<Cow<'a, str>, VerifyError> {
    if (1..=MAX_SHORT).contains(&text.len()) {
        return Ok(text);
    }
    Err(VerifyError::claims(format!("{name} is empty or longer than 256 bytes")))
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for TextIfAny<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextIfAnyVisitor)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(TimeVisitor)
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

struct TextIfAnyVisitor;

impl<'de> Visitor<'de> for TextIfAnyVisitor {
    type Value = TextIfAny<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(TextIfAny(Some(Cow::Borrowed(value))))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(TextIfAny(Some(Cow::Owned(value.to_owned()))))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(TextIfAny(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(TextIfAny(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(TextIfAny(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(TextIfAny(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(TextIfAny(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        while access.next_element::<Legible>()?.is_some() {}
        Ok(TextIfAny(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        while access.next_entry::<Legible, Legible>()?.is_some() {}
        Ok(TextIfAny(None))
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds")
    }

    // What a float rounds is far beyond any time.
    #[allow(clippy::cast_precision_loss)]
    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Time, E> {
        self.visit_f64(seconds as f64)
    }

    #[allow(clippy::cast_precision_loss)]
    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Time, E> {
        self.visit_f64(seconds as f64)
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Time, E> {
        numeric_date(seconds).map(Time).ok_or_else(|| E::custom("it is beyond all measure"))
    }
}

const MAX_SHORT: usize = 256;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_text_alone_and_a_time_a_number() {
        for (json, text, time) in [
            (r#""a""#, true, false),
            (r#""1800000000""#, true, false),
            ("1800000000", false, true),
            ("1800000000.5", false, true),
            ("0", false, true),
            ("-1", false, false),
            ("18446744073709551615", false, false),
            ("1e400", false, false),
            ("null", false, false),
            ("true", false, false),
            ("[]", false, false),
            ("{}", false, false),
        ] {
            assert_eq!(serde_json::from_str::<Text<'_>>(json).is_ok(), text, "{json}");
            assert_eq!(serde_json::from_str::<Time>(json).is_ok(), time, "{json}");
            let if_any = serde_json::from_str::<TextIfAny<'_>>(json);
            assert!(json == "1e400" || if_any.unwrap().0.is_some() == text, "{json}");
        }
        let time = serde_json::from_str::<Time>("1800000000.9").unwrap();
        assert_eq!(time.0.unix_seconds(), 1_800_000_000);
        assert_eq!(serde_json::from_str::<TextIfAny<'_>>(r#"[1,{"a":["b"]}]"#).unwrap().0, None);
    }

    #[test]
    fn a_short_text_is_neither_empty_nor_long() {
        for (length, good) in [(0, false), (1, true), (256, true), (257, false)] {
            assert_eq!(short("jti", "j".repeat(length).into()).is_ok(), good, "{length}");
        }
    }
}
