//! Who may call what, written into an OpenAPI document.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::axum::access_table::AccessTable;
use crate::axum::report::definition::{DefinitionError, METHODS, SCHEMES, has_scopes, pointer, schemes};
use crate::axum::report::demand::{Demand, WILDCARD, is_of, unnamed};
use crate::axum::report::json::requirements;
use crate::axum::row::{Reach, Row};

impl AccessTable {
    /// Writes `security` into an OpenAPI document (3.0, 3.1) for each route whose access is known here.
    ///
    /// The requirements name the first scheme of the type `oauth2` or `openIdConnect`, by its name, and one
    /// that is a reference only where all are; scopes that its flows lack are added to them. Handlers of
    /// another audience than the document's `x-audience` are left out.
    /// An operation that is not described yet is added with an empty list of responses, to be completed by
    /// hand; all else of the document stays. What is required beside scopes is written as `x-access`, in the words of
    /// [`AccessTable::to_json`].
    ///
    /// # Errors
    /// [`DefinitionError`], where it is no OpenAPI document, is malformed, or has no such scheme while a
    /// route requires something; the document is then as it was.
    pub fn merge_into_openapi(&self, document: &mut Value) -> Result<(), DefinitionError> {
        if document.get("openapi").and_then(Value::as_str).is_none() {
            return Err(DefinitionError::Unknown);
        }
        let schemes = schemes(document)?;
        let with_scopes = schemes.iter().filter(|(_, scheme)| has_scopes(scheme)).map(|(name, _)| *name);
        let scheme = with_scopes.min_by_key(|name| is_reference(document, name)).map(str::to_owned);
        let audience = document.get("x-audience").and_then(Value::as_str);
        let operations: Vec<(&Row, &str, Demand)> = self
            .iter()
            .filter(|row| audience.is_none_or(|audience| is_of(row, audience)))
            .filter_map(operation)
            .collect();
        let scheme = match scheme {
            Some(scheme) => scheme,
            None if operations.iter().all(|(_, _, demand)| *demand == Demand::Nothing) => String::new(),
            None => return Err(DefinitionError::NoScheme),
        };
        let mut merged = document.clone();
        let mut ids = operation_ids(&merged);
        for (row, method, demand) in &operations {
            let item = path_item(&mut merged, row.path())?;
            let operation = item
                .entry(method.to_lowercase())
                .or_insert_with(|| json!({ "operationId": operation_id(row, &mut ids), "responses": {} }))
                .as_object_mut()
                .ok_or_else(|| DefinitionError::Malformed(format!("{method} {}", row.path())))?;
            operation.insert("security".to_owned(), security(&scheme, demand));
            let more: Map<String, Value> = row.rule().map(requirements).unwrap_or_default();
            let more: Map<String, Value> =
                more.into_iter().filter(|(name, _)| !OF_THE_SECURITY.contains(&name.as_str())).collect();
            if more.is_empty() {
                operation.remove(EXTENSION);
            } else {
                operation.insert(EXTENSION.to_owned(), Value::Object(more));
            }
        }
        let scopes = operations.iter().flat_map(|(_, _, demand)| demand.alternatives()).flatten();
        declare(&mut merged, &scheme, scopes);
        *document = merged;
        Ok(())
    }
}

/// Whether a scheme is another name of one that stands elsewhere in the document.
fn is_reference(document: &Value, scheme: &str) -> bool {
    document.pointer(SCHEMES).is_some_and(|all| pointer(&all[scheme]).is_some())
}

/// The routes that a document has a place for.
fn operation(row: &Row) -> Option<(&Row, &'static str, Demand)> {
    if row.reach() != Reach::Path || row.path().contains(WILDCARD) {
        return None;
    }
    let method =
        METHODS.into_iter().find(|name| row.method().is_some_and(|method| method.as_str() == *name))?;
    Some((row, method, Demand::of_row(row)?))
}

/// The item of a path, under whatever names its captures have there.
fn path_item<'d>(document: &'d mut Value, path: &str) -> Result<&'d mut Map<String, Value>, DefinitionError> {
    let malformed = |place: &str| DefinitionError::Malformed(place.to_owned());
    let document = document.as_object_mut().ok_or(DefinitionError::Unknown)?;
    let paths = document.entry("paths").or_insert_with(|| json!({}));
    let paths = paths.as_object_mut().ok_or_else(|| malformed("paths"))?;
    let there = paths.keys().find(|there| unnamed(there) == unnamed(path)).cloned();
    let item = paths.entry(there.unwrap_or_else(|| path.to_owned())).or_insert_with(|| json!({}));
    if item.get("$ref").is_some() {
        return Err(malformed(&format!(
            "{path} is a reference: write its operations where they are described"
        )));
    }
    item.as_object_mut().ok_or_else(|| malformed(path))
}

fn security(scheme: &str, demand: &Demand) -> Value {
    let alternatives = demand.alternatives().map(|scopes| json!({ scheme: scopes }));
    Value::Array(alternatives.collect())
}

/// Adds scopes to the flows of a scheme; one of the type `openIdConnect` lists none.
fn declare<'s>(document: &mut Value, scheme: &str, scopes: impl Iterator<Item = &'s String>) {
    let mut place = format!("{SCHEMES}/{}", scheme.replace('~', "~0").replace('/', "~1"));
    // Each was followed when the schemes were read, so that none leads round in a circle.
    while let Some(next) = document.pointer(&place).and_then(pointer) {
        place = next.to_owned();
    }
    let scheme = document.pointer_mut(&place);
    let Some(flows) = scheme.and_then(|scheme| scheme.get_mut("flows")).and_then(Value::as_object_mut) else {
        return;
    };
    let scopes: Vec<&String> = scopes.collect();
    for flow in flows.values_mut().filter_map(Value::as_object_mut) {
        let declared = flow.entry("scopes").or_insert_with(|| json!({}));
        if let Some(declared) = declared.as_object_mut() {
            for scope in &scopes {
                declared.entry(scope.as_str()).or_insert_with(|| json!(""));
            }
        }
    }
}

fn operation_ids(document: &Value) -> BTreeSet<String> {
    let items = document.get("paths").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let operations = items.filter_map(Value::as_object).flat_map(Map::values);
    operations.filter_map(|operation| operation.get("operationId")?.as_str().map(str::to_owned)).collect()
}

/// The handler's own name with the method, and a number where another operation has it already.
fn operation_id(row: &Row, taken: &mut BTreeSet<String>) -> String {
    let name = row.handler().rsplit("::").next().unwrap_or_default();
    let id = format!("{name}_{}", row.method().map_or("any", http::Method::as_str).to_lowercase());
    let numbered = (2..).map(|number| format!("{id}_{number}"));
    std::iter::once(id.clone()).chain(numbered).find(|id| taken.insert(id.clone())).unwrap_or(id)
}

const EXTENSION: &str = "x-access";

/// What the requirements say already.
const OF_THE_SECURITY: [&str; 2] = ["scopes", "any_scopes"];
