//! An OpenAPI document, 3.0 or 3.1: its security schemes, and what is secured by them.

use std::collections::BTreeMap;

use crate::definition::node::Node;

/// A document whose version is known, and whose schemes are found by their names.
#[derive(Debug)]
pub(super) struct OpenApi<'d> {
    pub(super) document: &'d Node,
    pub(super) schemes: BTreeMap<&'d str, Scheme<'d>>,
}

/// How a caller shows who it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scheme<'d> {
    /// `oauth2`: its flows declare the scopes.
    OAuth2(&'d Node),
    /// `openIdConnect`: the provider declares the scopes, and requirements name them.
    OpenIdConnect(&'d Node),
    /// A key, a password, a certificate: nothing with scopes.
    Other,
}

impl<'d> OpenApi<'d> {
    pub(super) fn of(document: &'d Node) -> Result<Self, String> {
        let Some(version) = document.member("openapi").and_then(Node::text) else {
            return Err("its `openapi` is no text: expected \"3.0.x\" or \"3.1.x\", in quotes".into());
        };
        if !version.starts_with("3.0.") && !version.starts_with("3.1.") {
            return Err(format!("it is of OpenAPI {version:?}: expected \"3.0.x\" or \"3.1.x\""));
        }
        let schemes = components(document, "securitySchemes");
        let by_name: BTreeMap<&str, &Node> =
            schemes.iter().map(|(name, scheme)| (name.as_str(), scheme)).collect();
        let schemes = by_name.iter().map(|(name, scheme)| {
            let scheme = followed(scheme, "#/components/securitySchemes/", |name| by_name.get(name).copied())
                .map_err(|why| format!("the security scheme {name:?} {why}"))?;
            let scheme = match scheme.member("type").and_then(Node::text) {
                Some("oauth2") => Scheme::OAuth2(scheme),
                Some("openIdConnect") => Scheme::OpenIdConnect(scheme),
                _ => Scheme::Other,
            };
            Ok((*name, scheme))
        });
        Ok(Self { document, schemes: schemes.collect::<Result<_, String>>()? })
    }

    /// What requires something: the document, and each operation wherever it stands.
    pub(super) fn secured(&self) -> Vec<&'d Node> {
        let mut secured = vec![self.document];
        let at_the_root = ["paths", "webhooks"].into_iter().filter_map(|name| self.document.member(name));
        let items = at_the_root.flat_map(Node::members).chain(components(self.document, "pathItems"));
        items.for_each(|(_, item)| of_path_item(item, &mut secured));
        components(self.document, "callbacks")
            .iter()
            .for_each(|(_, callback)| of_callback(callback, &mut secured));
        secured
    }
}

/// The operations of a path, and those of their callbacks: no deeper than the document itself.
fn of_path_item<'d>(item: &'d Node, secured: &mut Vec<&'d Node>) {
    for (_, operation) in item.members() {
        secured.push(operation);
        let callbacks = operation.member("callbacks").map(Node::members).unwrap_or_default();
        callbacks.iter().for_each(|(_, callback)| of_callback(callback, secured));
    }
}

fn of_callback<'d>(callback: &'d Node, secured: &mut Vec<&'d Node>) {
    callback.members().iter().for_each(|(_, item)| of_path_item(item, secured));
}

pub(super) fn components<'d>(document: &'d Node, kind: &str) -> &'d [(String, Node)] {
    let components = document.member("components").and_then(|components| components.member(kind));
    components.map(Node::members).unwrap_or_default()
}

/// What is found, or what it refers to.
pub(super) fn followed<'d>(
    mut found: &'d Node,
    place: &str,
    find: impl Fn(&str) -> Option<&'d Node>,
) -> Result<&'d Node, String> {
    for _ in 0..MAX_REFERENCES {
        let Some(reference) = found.member("$ref") else { return Ok(found) };
        let reference = reference.text().unwrap_or_default();
        let Some(target) = reference.strip_prefix(place).and_then(&find) else {
            return Err(format!("refers to {reference:?}, which is not there: expected \"{place}...\""));
        };
        found = target;
    }
    Err("refers to itself, or through too many others".into())
}

const MAX_REFERENCES: usize = 16;
