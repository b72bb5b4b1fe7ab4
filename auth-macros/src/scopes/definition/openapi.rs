//! OpenAPI 3.0 and 3.1: the scopes of its security schemes.
//!
//! # Rules
//! 1. Of `oauth2`, what its flows declare, with their descriptions (OpenAPI 3.1 §4.8.29).
//! 2. `openIdConnect` declares none: of it, what the requirements of the document and its operations name.
//! 3. An OpenAPI document names no audience, so the API in the program does: `= "https://..."`.

use std::collections::{HashMap, HashSet};

use crate::scopes::definition::node::Node;
use crate::scopes::definition::{Declared, Definition};

pub(super) fn read(document: &Node) -> Result<Definition, String> {
    let Some(version) = document.member("openapi").and_then(Node::text) else {
        return Err("its `openapi` is no text: expected \"3.0.x\" or \"3.1.x\", in quotes".into());
    };
    if !version.starts_with("3.0.") && !version.starts_with("3.1.") {
        return Err(format!("it is of OpenAPI {version:?}: expected \"3.0.x\" or \"3.1.x\""));
    }
    let schemes = document.member("components").and_then(|components| components.member("securitySchemes"));
    let schemes: HashMap<&str, &Node> = schemes
        .map(Node::members)
        .unwrap_or_default()
        .iter()
        .map(|(name, scheme)| (name.as_str(), scheme))
        .collect();
    let mut in_order: Vec<(&str, &Node)> = schemes.iter().map(|(name, scheme)| (*name, *scheme)).collect();
    in_order.sort_unstable_by_key(|(name, _)| *name);
    let mut scopes = Scopes::default();
    let mut by_discovery = HashSet::new();
    for (name, scheme) in in_order {
        let scheme =
            followed(scheme, &schemes).map_err(|why| format!("the security scheme {name:?} {why}"))?;
        match scheme.member("type").and_then(Node::text) {
            Some("oauth2") => scopes.of_flows(name, scheme)?,
            Some("openIdConnect") => {
                by_discovery.insert(name);
            }
            _ => {}
        }
    }
    scopes.of_requirements(document, &by_discovery);
    for operation in operations(document) {
        scopes.of_requirements(operation, &by_discovery);
    }
    if scopes.all.is_empty() {
        return Err(
            "no scope is in it: expected a security scheme of the type oauth2 with `scopes` in its flows, or openIdConnect with scopes in `security`"
                .into(),
        );
    }
    let description = document.member("info").and_then(|info| info.member_text("title"));
    Ok(Definition { audience: None, description, scopes: scopes.all })
}

/// In the order in which they come, each once: two flows may declare the same.
#[derive(Default)]
struct Scopes {
    all: Vec<Declared>,
    places: HashMap<String, usize>,
}

impl Scopes {
    fn of_flows(&mut self, name: &str, scheme: &Node) -> Result<(), String> {
        let flows = scheme.member("flows").map(Node::members).unwrap_or_default();
        for (flow, declared) in flows {
            let Some(scopes) = declared.member("scopes") else { continue };
            if !matches!(scopes, Node::Object(_)) {
                return Err(format!(
                    "`scopes` of the flow {flow:?} of {name:?} is no object: expected each scope with its description"
                ));
            }
            for (scope, description) in scopes.members() {
                self.add(scope, description.text());
            }
        }
        Ok(())
    }

    fn of_requirements(&mut self, secured: &Node, schemes: &HashSet<&str>) {
        let requirements = secured.member("security").map(Node::elements).unwrap_or_default();
        let named = requirements.iter().flat_map(Node::members);
        for (_, scopes) in named.filter(|(name, _)| schemes.contains(name.as_str())) {
            scopes.elements().iter().filter_map(Node::text).for_each(|scope| self.add(scope, None));
        }
    }

    fn add(&mut self, scope: &str, description: Option<&str>) {
        let description = description.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        match self.places.get(scope).and_then(|place| self.all.get_mut(*place)) {
            Some(known) => known.description = known.description.take().or(description),
            None => {
                self.places.insert(scope.to_owned(), self.all.len());
                self.all.push(Declared { text: scope.to_owned(), description });
            }
        }
    }
}

/// A scheme, or the one that it refers to.
fn followed<'d>(mut scheme: &'d Node, schemes: &HashMap<&str, &'d Node>) -> Result<&'d Node, String> {
    for _ in 0..MAX_REFERENCES {
        let Some(reference) = scheme.member("$ref") else { return Ok(scheme) };
        let reference = reference.text().unwrap_or_default();
        let target = reference.strip_prefix("#/components/securitySchemes/");
        let Some(target) = target.and_then(|name| schemes.get(name)) else {
            return Err(format!(
                "refers to {reference:?}, which is not there: expected \"#/components/securitySchemes/...\""
            ));
        };
        scheme = target;
    }
    Err("refers to itself, or through too many others".into())
}

fn operations(document: &Node) -> impl Iterator<Item = &Node> {
    let paths = document.member("paths").map(Node::members).unwrap_or_default();
    paths.iter().flat_map(|(_, path)| path.members()).map(|(_, operation)| operation)
}

const MAX_REFERENCES: usize = 16;
