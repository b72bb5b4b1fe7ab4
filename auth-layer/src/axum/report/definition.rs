//! The definition of an API, as far as it says who may call what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::axum::report::demand::{Demand, Scopes, unnamed};
use crate::axum::routes::joined;

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
        let prefix = prefix.trim_matches('/');
        self.prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        self
    }

    /// Returns the path of the router at which one of the document's is served, without the names of captures.
    pub(super) fn served_at(&self, operation: &Operation) -> String {
        match self.prefix.is_empty() {
            true => unnamed(&operation.path),
            false => unnamed(&joined(&self.prefix, &operation.path)),
        }
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
    for scheme in schemes.values().filter(|scheme| has_scopes(scheme)) {
        let flows = scheme.get("flows").and_then(Value::as_object).into_iter().flat_map(Map::values);
        for scopes in flows.filter_map(|flow| flow.get("scopes")) {
            declared.extend(object(scopes, "flows.scopes")?.keys().cloned());
        }
    }
    let mut operations = BTreeMap::new();
    for (path, item) in paths(document)? {
        for (method, operation) in methods(path, item)? {
            let security = operation.get("security").or_else(|| document.get("security"));
            let place = format!("{method} {path}");
            let demand = match security {
                Some(security) => demand(security, &schemes, &place)?,
                None => Some(Demand::Nothing),
            };
            // Those that a scheme cannot list are declared by being required.
            declared.extend(demand.iter().flat_map(Demand::alternatives).flatten().cloned());
            operations.insert(Operation { path: path.to_owned(), method }, demand);
        }
    }
    let audience = document.get("x-audience").and_then(Value::as_str).map(str::to_owned);
    Ok(ApiDefinition { declared, audience, operations: Some(operations), prefix: String::new() })
}

/// The paths of a document and what is at each, references followed.
fn paths(document: &Value) -> Result<Vec<(&str, &Object)>, DefinitionError> {
    let Some(paths) = document.get("paths") else { return Ok(Vec::new()) };
    // `x-..` is an extension, and no path.
    let paths = object(paths, "paths")?.iter().filter(|(path, _)| !path.starts_with("x-"));
    paths
        .map(|(path, item)| {
            if !path.starts_with('/') {
                return Err(malformed(&format!("the path {path:?} has to begin with a slash")));
            }
            Ok((path.as_str(), object(referenced(document, item, path)?, path)?))
        })
        .collect()
}

fn methods<'d>(path: &str, item: &'d Object) -> Result<Vec<(&'static str, &'d Object)>, DefinitionError> {
    let there = METHODS.into_iter().filter_map(|method| Some((method, item.get(&method.to_lowercase())?)));
    there.map(|(method, operation)| Ok((method, object(operation, &format!("{method} {path}"))?))).collect()
}

/// The schemes of a document by their names, references followed.
pub(super) fn schemes(document: &Value) -> Result<BTreeMap<&str, &Value>, DefinitionError> {
    let Some(schemes) = document.pointer(SCHEMES) else { return Ok(BTreeMap::new()) };
    let schemes = object(schemes, "components.securitySchemes")?.iter();
    schemes
        .map(|(name, scheme)| {
            let place = format!("components.securitySchemes.{name}");
            Ok((name.as_str(), referenced(document, scheme, &place)?))
        })
        .collect()
}

/// Whether requirements of a scheme name scopes.
pub(super) fn has_scopes(scheme: &Value) -> bool {
    matches!(scheme["type"].as_str(), Some("oauth2" | "openIdConnect"))
}

/// None where other schemes than ours let callers in, such as a key.
fn demand(
    security: &Value,
    schemes: &BTreeMap<&str, &Value>,
    place: &str,
) -> Result<Option<Demand>, DefinitionError> {
    let wrong = || malformed(&format!("security of {place}"));
    let alternatives = security.as_array().ok_or_else(wrong)?;
    let (mut read, mut is_optional) = (BTreeSet::new(), alternatives.is_empty());
    for alternative in alternatives {
        let alternative = alternative.as_object().ok_or_else(wrong)?;
        is_optional |= alternative.is_empty();
        let (mut scopes, mut is_known) = (Scopes::new(), false);
        for (name, list) in alternative {
            let scheme = schemes.get(name.as_str()).ok_or_else(|| {
                malformed(&format!("security of {place}: the scheme `{name}` is not declared"))
            })?;
            if has_scopes(scheme) {
                is_known = true;
                for scope in list.as_array().ok_or_else(wrong)? {
                    scopes.insert(scope.as_str().ok_or_else(wrong)?.to_owned());
                }
            }
        }
        if is_known {
            read.insert(scopes);
        }
    }
    Ok(match (is_optional, read.is_empty()) {
        (true, _) => Some(Demand::Nothing),
        (false, true) => None,
        (false, false) => Some(Demand::OneOf(read)),
    })
}

/// What a reference leads to. One that leads out of the document, or nowhere, or round in a circle is an error:
/// what is behind it would not be compared.
fn referenced<'d>(
    document: &'d Value,
    mut value: &'d Value,
    place: &str,
) -> Result<&'d Value, DefinitionError> {
    for _ in 0..MAX_REFERENCES {
        let Some(reference) = value.get("$ref") else { return Ok(value) };
        let found = pointer(value).and_then(|pointer| document.pointer(pointer));
        value = found.ok_or_else(|| {
            malformed(&format!("{place}: the reference {reference} leads to nothing in this document"))
        })?;
    }
    Err(malformed(&format!("{place}: the reference leads on more than {MAX_REFERENCES} times")))
}

/// Where in the same document a reference leads (RFC 6901 §6); none of what is no reference.
pub(super) fn pointer(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.strip_prefix('#')
}

fn object<'v>(value: &'v Value, place: &str) -> Result<&'v Object, DefinitionError> {
    value.as_object().ok_or_else(|| malformed(place))
}

fn malformed(place: &str) -> DefinitionError {
    DefinitionError::Malformed(place.to_owned())
}

type Object = Map<String, Value>;

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

pub(super) const SCHEMES: &str = "/components/securitySchemes";

/// As many as `scopes!` follows.
const MAX_REFERENCES: usize = 16;
