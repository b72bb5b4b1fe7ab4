//! Whether claims can be read in full, as whoever asks for them later will read them.
//!
//! The verifier lets go what it does not know once its syntax is good. That a number is beyond all
//! measure (`1e400`), that a text holds half a character (`"\ud800"`), or that there are more levels than a
//! reader goes down, is found by reading alone: then neither a handler nor our own look at who calls would
//! find any claim at all.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Returns whether every value can be read; allocates for texts with an escape alone.
pub(super) fn is_legible(claims_text: &[u8]) -> bool {
    serde_json::from_slice::<Legible>(claims_text).is_ok()
}

/// A value that was read and let go.
struct Legible;

impl<'de> Deserialize<'de> for Legible {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Deliberately not `IgnoredAny`, which passes over a value without reading it.
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Legible {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self, A::Error> {
        while access.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self, A::Error> {
        while access.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn claims_are_legible_where_serde_json_reads_them() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for (claims, legible) in [
            (r#"{"x":[null,true,-1,1.5,18446744073709551615,"\ud83d\ude00",{"a":{}}]}"#, true),
            (r#"{"x":1e400}"#, false),
            (r#"{"x":[{"a":-1e999}]}"#, false),
            (r#"{"x":"\ud800"}"#, false),
            (r#"{"x\udfff":1}"#, false),
            (&deep, false),
        ] {
            assert_eq!(is_legible(claims.as_bytes()), legible, "{claims}");
            assert_eq!(serde_json::from_str::<Value>(claims).is_ok(), legible, "{claims}");
        }
    }
}
