//! Scopes that a provider keeps in a place of its own, as Keycloak does in `realm_access.roles`.

use std::fmt;
use std::str;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::jose::claim::Text;
use crate::jose::error::VerifyError;
use crate::jose::words::Words;
use crate::scope::ScopeSet;

/// Reads the scopes at a path of member names: a text is split at its spaces, a list is taken as it is.
///
/// A path that leads nowhere holds no scope.
///
/// # Errors
/// Where something of another type is on the path or at its end, or a member of the path comes twice.
pub(crate) fn scopes_at(payload: &[u8], path: &[String]) -> Result<ScopeSet, VerifyError> {
    let wrong = || VerifyError::claims(format!("the claim at {path:?} is of the wrong type"));
    let text = str::from_utf8(payload).map_err(|_| wrong())?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = At(path).deserialize(&mut deserializer).map_err(|_| wrong())?;
    deserializer.end().map_err(|_| wrong())?;
    Ok(found.as_ref().map(Words::scopes).unwrap_or_default())
}

/// What is at the end of a path.
struct At<'p>(&'p [String]);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Option<Words<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            [] => Words::deserialize(deserializer).map(Some),
            [..] => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Option<Words<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(Text(name)) = access.next_key()? {
            match self.0 {
                [next, rest @ ..] if *next == name => {
                    if found.replace(access.next_value_seed(At(rest))?).is_some() {
                        return Err(A::Error::custom("a member comes twice"));
                    }
                }
                _ => {
                    access.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found.flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::error::Stage;

    /// The scopes at a path that is written with dots.
    fn at(payload: &str, path: &str) -> Result<String, Stage> {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        let scopes = scopes_at(payload.as_bytes(), &path);
        scopes.map(|scopes| scopes.as_str().to_owned()).map_err(|error| error.stage())
    }

    #[test]
    fn scopes_are_found_at_any_depth_and_absence_is_no_scope() {
        let keycloak = r#"{"a":1,"realm_access":{"x":{},"roles":["user","not admin","\u0061"]},"resource_access":
            {"shop":{"roles":[]}},"scp":"b a"}"#;
        for (path, scopes) in [
            ("realm_access.roles", "a user"),
            ("resource_access.shop.roles", ""),
            ("resource_access.other.roles", ""),
            ("scp", "a b"),
            ("roles", ""),
            ("realm_access.role", ""),
        ] {
            assert_eq!(at(keycloak, path).as_deref(), Ok(scopes), "{path}");
        }
        // A name is a whole name, also one with dots and slashes.
        let namespaced = br#"{"https://shop.example/roles":["a"]}"#;
        let scopes = scopes_at(namespaced, &["https://shop.example/roles".to_owned()]);
        assert_eq!(scopes.map(|scopes| scopes.len()), Ok(1));
    }

    #[test]
    fn another_type_on_the_path_or_a_member_twice_is_an_error() {
        for payload in [
            r#"{"a":{"b":7}}"#,
            r#"{"a":{"b":null}}"#,
            r#"{"a":{"b":{}}}"#,
            r#"{"a":{"b":["x",7]}}"#,
            r#"{"a":{"b":[["x"]]}}"#,
            r#"{"a":"b"}"#,
            r#"{"a":["b"]}"#,
            r#"{"a":null}"#,
            r#"{"a":{"b":"x","b":"y"}}"#,
            r#"{"a":{"b":"x"},"\u0061":{}}"#,
            r#"{"a":{"b":"x"}"#,
            r#"{"a":{"b":"x"}}{}"#,
            "[]",
            "",
        ] {
            assert_eq!(at(payload, "a.b"), Err(Stage::Claims), "{payload}");
        }
        assert_eq!(scopes_at(b"{\"a\":\"\xff\"}", &[]).map_err(|error| error.stage()), Err(Stage::Claims));
    }
}
