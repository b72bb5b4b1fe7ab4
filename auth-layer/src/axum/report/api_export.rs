//! The scopes that the code uses, as Auth0's Management API has an API's.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::axum::access_table::AccessTable;
use crate::axum::report::demand::{is_of, scopes_of};

impl AccessTable {
    /// Returns the scopes that handlers of this audience require, in their order.
    ///
    /// Those of a handler whose API has no audience of its own count as of the configured one: of each.
    #[must_use]
    pub fn scopes_of(&self, audience: &str) -> Vec<&'static str> {
        let rows = self.iter().filter(|row| is_of(row, audience));
        rows.flat_map(scopes_of).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Returns an API as Auth0's Management API takes it (`POST /api/v2/resource-servers`, or `PATCH` of
    /// one that is there), with every scope that handlers of this audience require.
    ///
    /// `current` is the API as it is exported now, or the list of all of them, of which this audience's is
    /// taken: its other members stay, and so do the descriptions of scopes. A scope that the code does not require is left out; without
    /// `current` a description is the scope's own text, since the tenant wants one.
    #[must_use]
    pub fn to_api_export(&self, audience: &str, current: Option<&Value>) -> Value {
        let current = match current {
            Some(Value::Array(list)) => list.iter().find(|api| api["identifier"] == audience),
            other => other,
        };
        let mut api = current
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_else(|| Map::from_iter([("name".to_owned(), json!(audience))]));
        let described = |scope: &str| {
            let scopes = current?.get("scopes")?.as_array()?;
            scopes.iter().find(|known| known["value"] == scope)?.get("description").cloned()
        };
        let scopes: Vec<Value> = self
            .scopes_of(audience)
            .into_iter()
            .map(|scope| {
                json!({ "value": scope, "description": described(scope).unwrap_or_else(|| json!(scope)) })
            })
            .collect();
        api.insert("identifier".to_owned(), json!(audience));
        api.insert("scopes".to_owned(), Value::Array(scopes));
        Value::Object(api)
    }
}
