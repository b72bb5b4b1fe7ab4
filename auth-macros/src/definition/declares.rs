//! The scopes that an OpenAPI document declares.
//!
//! # Rules
//! 1. Of `oauth2`, what its flows declare, with their descriptions (OpenAPI 3.1 §4.8.29).
//! 2. `openIdConnect` declares none: of it, what is required: by the document, and by the operations of its
//!    paths, webhooks, callbacks and components.
//! 3. OpenAPI has no word for the audience: `x-audience` says it, at the root or in a scheme of these two
//!    types. The root's counts before a scheme's.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::definition::node::Node;
use crate::definition::openapi::{OpenApi, Scheme};
use crate::definition::{Declared, Definition};

pub(super) fn read(document: &Node) -> Result<Definition, String> {
    let api = OpenApi::of(document)?;
    let mut scopes = Scopes::default();
    let mut by_discovery = HashSet::new();
    for (name, scheme) in &api.schemes {
        match scheme {
            Scheme::OAuth2(scheme) => scopes.of_flows(name, scheme)?,
            Scheme::OpenIdConnect(_) => {
                by_discovery.insert(*name);
            }
            Scheme::Other => {}
        }
    }
    api.secured().into_iter().for_each(|secured| scopes.of_requirements(secured, &by_discovery));
    if scopes.all.is_empty() {
        return Err(
            "no scope is in it: expected a security scheme of the type oauth2 with `scopes` in its flows, or openIdConnect with scopes in `security`"
                .into(),
        );
    }
    Ok(Definition { audiences: audiences(&api), description: description(document), scopes: scopes.all })
}

fn audiences(api: &OpenApi<'_>) -> Vec<String> {
    let said = |node: &Node| node.member_text("x-audience");
    if let Some(audience) = said(api.document) {
        return vec![audience];
    }
    let schemes = api.schemes.values().filter_map(|scheme| match scheme {
        Scheme::OAuth2(scheme) | Scheme::OpenIdConnect(scheme) => said(scheme),
        Scheme::Other => None,
    });
    schemes.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The title, and what is said below it.
pub(super) fn description(document: &Node) -> Option<String> {
    let info = document.member("info")?;
    let said: Vec<String> =
        ["title", "description"].iter().filter_map(|name| info.member_text(name)).collect();
    (!said.is_empty()).then(|| said.join("\n\n"))
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
