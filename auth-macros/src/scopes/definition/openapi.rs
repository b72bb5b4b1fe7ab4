//! OpenAPI 3.0 and 3.1: the scopes of its security schemes.
//!
//! # Rules
//! 1. Of `oauth2`, what its flows declare, with their descriptions (OpenAPI 3.1 §4.8.29).
//! 2. `openIdConnect` declares none: of it, what the requirements of the document and its operations name.
//! 3. An OpenAPI document names no audience, so the API in the program does: `= "https://..."`.

use crate::scopes::definition::node::Node;
use crate::scopes::definition::{Declared, Definition};

pub(super) fn read(document: &Node) -> Result<Definition, String> {
    let version = document.member("openapi").and_then(Node::text).unwrap_or_default();
    if !version.starts_with("3.0.") && !version.starts_with("3.1.") {
        return Err(format!("it is of OpenAPI {version:?}: expected \"3.0.x\" or \"3.1.x\""));
    }
    let schemes = document.member("components").and_then(|components| components.member("securitySchemes"));
    let schemes = schemes.map(Node::members).unwrap_or_default();
    let mut scopes = Scopes::default();
    let mut by_discovery = Vec::new();
    for (name, scheme) in schemes {
        let scheme =
            followed(scheme, schemes).map_err(|why| format!("the security scheme {name:?} {why}"))?;
        match scheme.member("type").and_then(Node::text) {
            Some("oauth2") => scopes.of_flows(name, scheme)?,
            Some("openIdConnect") => by_discovery.push(name.as_str()),
            _ => {}
        }
    }
    scopes.of_requirements(document, &by_discovery);
    for operation in operations(document) {
        scopes.of_requirements(operation, &by_discovery);
    }
    if scopes.0.is_empty() {
        return Err(
            "no scope is in it: expected a security scheme of the type oauth2 with `scopes` in its flows, or openIdConnect with scopes in `security`"
                .into(),
        );
    }
    let description = document.member("info").and_then(|info| info.member_text("title"));
    Ok(Definition { audience: None, description, scopes: scopes.0 })
}

/// In the order in which they come, each once: two flows may declare the same.
#[derive(Default)]
struct Scopes(Vec<Declared>);

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

    fn of_requirements(&mut self, secured: &Node, schemes: &[&str]) {
        let requirements = secured.member("security").map(Node::elements).unwrap_or_default();
        let named = requirements.iter().flat_map(Node::members);
        for (_, scopes) in named.filter(|(name, _)| schemes.contains(&name.as_str())) {
            scopes.elements().iter().filter_map(Node::text).for_each(|scope| self.add(scope, None));
        }
    }

    fn add(&mut self, scope: &str, description: Option<&str>) {
        let description = description.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        match self.0.iter_mut().find(|known| known.text == scope) {
            Some(known) => known.description = known.description.take().or(description),
            None => self.0.push(Declared { text: scope.to_owned(), description }),
        }
    }
}

/// A scheme, or the one that it refers to.
fn followed<'d>(mut scheme: &'d Node, schemes: &'d [(String, Node)]) -> Result<&'d Node, String> {
    for _ in 0..MAX_REFERENCES {
        let Some(reference) = scheme.member("$ref") else { return Ok(scheme) };
        let reference = reference.text().unwrap_or_default();
        let target = reference.strip_prefix("#/components/securitySchemes/");
        let target = target.and_then(|name| schemes.iter().find(|(known, _)| known == name));
        let Some((_, target)) = target else {
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
