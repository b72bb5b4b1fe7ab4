//! A value that is read and let go: what nobody asks for now, and a handler may ask for later.
//!
//! A number beyond all measure (`1e400`), half a character in a text (`"\ud800"`) or more levels than a reader
//! goes down are found by reading alone. Passed over, they would make claims that are verified and that
//! nobody can read.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Deliberately not `IgnoredAny`, which passes over a value without reading it; allocates for texts with an
/// escape alone.
pub(crate) struct Legible;

impl<'de> Deserialize<'de> for Legible {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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

    use crate::jose::claims::AccessTokenClaims;

    #[test]
    fn claims_are_read_where_serde_json_reads_them() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for (claims, legible) in [
            (r#"{"x":[null,true,-1,1.5,18446744073709551615,"\ud83d\ude00",{"a":{}}]}"#, true),
            (r#"{"x":1e400}"#, false),
            (r#"{"x":[{"a":-1e999}]}"#, false),
            (r#"{"x":"\ud800"}"#, false),
            (r#"{"x\udfff":1}"#, false),
            (r#"{"nonce":"\ud800"}"#, false),
            (r#"{"cnf":{"x":1e400}}"#, false),
            (r#"{"cid":[1e400]}"#, false),
            (&deep, false),
        ] {
            assert_eq!(AccessTokenClaims::read(claims.as_bytes()).is_ok(), legible, "{claims}");
            assert_eq!(serde_json::from_str::<Value>(claims).is_ok(), legible, "{claims}");
        }
    }
}
