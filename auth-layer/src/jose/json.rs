//! JSON in which no member may come twice (RFC 8259 leaves it open, RFC 7515 §4 does not).

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

/// A JSON object whose own members are unique.
#[derive(Debug)]
pub(crate) struct StrictMap(pub(crate) Map<String, Value>);

/// Reads an object; a member that comes twice is an error.
pub(crate) fn parse_strict(bytes: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice::<StrictMap>(bytes).ok().map(|map| map.0)
}

impl<'de> Deserialize<'de> for StrictMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Strict)
    }
}

struct Strict;

impl<'de> Visitor<'de> for Strict {
    type Value = StrictMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<StrictMap, A::Error> {
        let mut map = Map::new();
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            if map.insert(name, value).is_some() {
                return Err(de::Error::custom("a member comes twice"));
            }
        }
        Ok(StrictMap(map))
    }
}
