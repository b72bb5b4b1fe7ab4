//! The definition of an API, as far as it says who may call what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::axum::report::demand::{Demand, Scopes};

/// The definition of an API: an OpenAPI document (3.0, 3.1), or an API as Auth0 exports it.
///
/// Both come as JSON values; a document in YAML is read into one first, with a parser of your choice.
#[derive(Clone, Debug)]
pub struct ApiDefinition {
    /// The scopes that it declares.
    pub(super) declared: BTreeSet<String>,
    /// The audience, where it says one.
    pub(super) audience: Option<String>,
    /// None where the definition knows scopes alone; of an operation none where other schemes guard it.
    pub(super) operations: Option<BTreeMap<Operation, Option<Demand>>>,
    pub(super) prefix: String,
}

/// A method of a path, as the document writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Operation {
    pub(super) path: String,
    /// Its name, in capitals.
    pub(super) method: &'static str,
}

/// Why a document is no definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DefinitionError {
    /// It is neither an OpenAPI document nor an export.
    Unknown,
    /// Something in it is of another type than it has to be; its place.
    Malformed(String),
    /// No security scheme is of a type that has scopes, and there is none to write requirements for.
    NoScheme,
}

impl ApiDefinition {
    /// Reads a definition.
    ///
    /// # Errors
    /// [`DefinitionError`], where it is none or is malformed.
    pub fn parse(document: &Value) -> Result<Self, DefinitionError> {
        if let Some(version) = document.get("openapi").and_then(Value::as_str) {
            return match version.starts_with("3.") {
                true => openapi(document),
                false => Err(DefinitionError::Malformed("openapi: 3.0 and 3.1 are read".to_owned())),
            };
        }
        let export = match document {
            Value::Array(list) => match list.as_slice() {
                [one] => one,
                _ => return Err(DefinitionError::Malformed("a list of APIs: give one of them".to_owned())),
            },
            one => one,
        };
        api_export(export)
    }

    /// Says below which path of the router the document's paths are: `/api` where its `/products` is
    /// served at `/api/products`; default: none, and the `servers` of the document are not looked at.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        prefix.trim_end_matches('/').clone_into(&mut self.prefix);
        self
    }

    /// Says the audience of a document that names none, so that other APIs' handlers are not compared.
    #[must_use]
    pub fn with_audience(mut self, audience: &str) -> Self {
        self.audience = Some(audience.to_owned());
        self
    }
}

fn api_export(export: &Value) -> Result<ApiDefinition, DefinitionError> {
    let (Some(identifier), Some(scopes)) = (export.get("identifier"), export.get("scopes")) else {
        return Err(DefinitionError::Unknown);
    };
    let audience = identifier.as_str().ok_or_else(|| malformed("identifier"))?;
    let scopes = scopes.as_array().ok_or_else(|| malformed("scopes"))?;
    let value = |scope: &Value| scope["value"].as_str().map(str::to_owned);
    let declared = scopes.iter().map(value).collect::<Option<_>>().ok_or_else(|| malformed("scopes"))?;
    Ok(ApiDefinition {
        declared,
        audience: Some(audience.to_owned()),
        operations: None,
        prefix: String::new(),
    })
}

fn openapi(document: &Value) -> Result<ApiDefinition, DefinitionError> {
    let schemes = schemes(document)?;
    let mut declared = BTreeSet::new();
    for scheme in schemes.values() {
        let flows = scheme.get("flows").and_then(Value::as_object).into_iter().flat_map(Map::values);
        for scopes in flows.filter_map(|flow| flow.get("scopes")) {
            declared.extend(object(scopes, "flows.scopes")?.keys().cloned());
        }
    }
    let mut operations = BTreeMap::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let item = referenced(document, item);
        for method in METHODS {
            let Some(operation) = item.get(method.to_lowercase()) else { continue };
            let security = operation.get("security").or_else(|| document.get("security"));
            let place = format!("{method} {path}");
            let demand = match security {
                Some(security) => demand(security, &schemes, &place)?,
                None => Some(Demand::Nothing),
            };
            // Those that a scheme cannot list are declared by being required.
            declared.extend(demand.iter().flat_map(Demand::alternatives).flatten().cloned());
            operations.insert(Operation { path: path.clone(), method }, demand);
        }
    }
    let audience = document.get("x-audience").and_then(Value::as_str).map(str::to_owned);
    Ok(ApiDefinition { declared, audience, operations: Some(operations), prefix: String::new() })
}

/// The schemes that have scopes, by their names.
pub(super) fn schemes(document: &Value) -> Result<BTreeMap<&str, &Value>, DefinitionError> {
    let Some(schemes) = document.pointer("/components/securitySchemes") else { return Ok(BTreeMap::new()) };
    let schemes = object(schemes, "components.securitySchemes")?.iter();
    let resolved = schemes.map(|(name, scheme)| (name.as_str(), referenced(document, scheme)));
    let has_scopes = |scheme: &Value| matches!(scheme["type"].as_str(), Some("oauth2" | "openIdConnect"));
    Ok(resolved.filter(|(_, scheme)| has_scopes(scheme)).collect())
}

/// None where other schemes than ours let callers in, such as a key.
fn demand(
    security: &Value,
    schemes: &BTreeMap<&str, &Value>,
    place: &str,
) -> Result<Option<Demand>, DefinitionError> {
    let alternatives = security.as_array().ok_or_else(|| malformed(&format!("security of {place}")))?;
    let mut read = BTreeSet::new();
    for alternative in alternatives {
        let alternative = object(alternative, &format!("security of {place}"))?;
        if alternative.is_empty() {
            return Ok(Some(Demand::Nothing));
        }
        let known: Vec<&Value> = alternative
            .iter()
            .filter(|(name, _)| schemes.contains_key(name.as_str()))
            .map(|(_, scopes)| scopes)
            .collect();
        if known.is_empty() {
            continue;
        }
        let mut scopes = Scopes::new();
        for list in known {
            let list = list.as_array().ok_or_else(|| malformed(&format!("security of {place}")))?;
            scopes.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        read.insert(scopes);
    }
    Ok(match (read.is_empty(), alternatives.is_empty()) {
        (true, true) => Some(Demand::Nothing),
        (true, false) => None,
        (false, _) => Some(Demand::OneOf(read)),
    })
}

/// What a reference within the document leads to, one step; another is left as it is.
fn referenced<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn object<'v>(value: &'v Value, place: &str) -> Result<&'v Map<String, Value>, DefinitionError> {
    value.as_object().ok_or_else(|| malformed(place))
}

fn malformed(place: &str) -> DefinitionError {
    DefinitionError::Malformed(place.to_owned())
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str(
                "this is neither an OpenAPI document (`openapi`) nor an API as Auth0 exports it (`identifier`, `scopes`)",
            ),
            Self::Malformed(place) => write!(f, "the definition is malformed: {place}"),
            Self::NoScheme => f.write_str(
                "the document has no security scheme of the type oauth2 or openIdConnect: add one under components.securitySchemes",
            ),
        }
    }
}

impl std::error::Error for DefinitionError {}

/// The methods that an OpenAPI document has a place for.
pub(super) const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];
