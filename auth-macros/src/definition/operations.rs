//! The operations of an OpenAPI document, for a client: where each is, what fills its path, and which scopes
//! its token needs.
//!
//! # Rules
//! 1. What an operation requires is its own `security`, or else the document's.
//! 2. Of several alternatives the first counts that wants a token of `oauth2` or `openIdConnect`: a token
//!    that has its scopes is enough, whatever the others want.
//! 3. An empty alternative, an empty list, none at all, or only schemes of other types: no token is sent.
//!    What else an alternative wants, such as a key, the one who sends the call adds.
//! 4. A path is what RFC 3986 §3.3 allows, without a step (`.`, `..`) of its own.

use std::collections::HashMap;

use crate::definition::node::Node;
use crate::definition::openapi::{OpenApi, Scheme, components, followed};

/// One operation of an API.
#[derive(Debug)]
pub(crate) struct Operation {
    /// `listProducts`, or `GET /products` where it has no name of its own.
    pub(crate) id: String,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// The places in the path, in order.
    pub(crate) places: Vec<String>,
    pub(crate) description: Option<String>,
    pub(crate) is_deprecated: bool,
    pub(crate) takes_query: bool,
    pub(crate) body: Body,
    /// The scopes that a token needs; `None` where no token is sent.
    pub(crate) scopes: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Optional,
    Required,
}

/// What an OpenAPI document says of an API to call.
#[derive(Debug)]
pub(crate) struct Operations {
    pub(crate) description: Option<String>,
    pub(crate) all: Vec<Operation>,
}

pub(crate) fn operations(document: &Node) -> Result<Operations, String> {
    if document.member("swagger").is_some() {
        return Err(super::load::SWAGGER.into());
    }
    if document.member("openapi").is_none() {
        return Err("it is no OpenAPI document, which begins with `openapi: 3.1.0`".into());
    }
    let api = OpenApi::of(document)?;
    let [items, parameters, bodies] = ["pathItems", "parameters", "requestBodies"]
        .map(|kind| components(document, kind).iter().map(|(name, node)| (name.as_str(), node)).collect());
    let shared = Shared { items, parameters, bodies };
    let mut all = Vec::new();
    for (path, item) in document.member("paths").map(Node::members).unwrap_or_default() {
        let item = followed(item, "#/components/pathItems/", |name| shared.items.get(name).copied())
            .map_err(|why| format!("the path {path:?} {why}"))?;
        let places = places(path)?;
        for (method, operation) in METHODS.iter().filter_map(|method| Some((*method, item.member(method)?))) {
            if all.len() == MAX_OPERATIONS {
                return Err(format!("it has more than {MAX_OPERATIONS} operations"));
            }
            let read = Reading { api: &api, shared: &shared, item, operation };
            all.push(
                read.operation(method, path, places.clone())
                    .map_err(|why| format!("`{} {path}`: {why}", method.to_uppercase()))?,
            );
        }
    }
    if all.is_empty() {
        return Err("no operation is in it: expected `paths` with one".into());
    }
    Ok(Operations { description: super::declares::description(document), all })
}

/// What is referred to, by its name: a document may do so as often as it likes.
struct Shared<'d> {
    items: HashMap<&'d str, &'d Node>,
    parameters: HashMap<&'d str, &'d Node>,
    bodies: HashMap<&'d str, &'d Node>,
}

/// One operation, with what stands around it.
struct Reading<'d> {
    api: &'d OpenApi<'d>,
    shared: &'d Shared<'d>,
    item: &'d Node,
    operation: &'d Node,
}

impl Reading<'_> {
    fn operation(&self, method: &'static str, path: &str, places: Vec<String>) -> Result<Operation, String> {
        let own_id = self.operation.member_text("operationId");
        let said: Vec<String> =
            ["summary", "description"].iter().filter_map(|name| self.operation.member_text(name)).collect();
        Ok(Operation {
            id: own_id.unwrap_or_else(|| format!("{} {path}", method.to_uppercase())),
            method,
            path: path.to_owned(),
            places,
            description: (!said.is_empty()).then(|| said.join("\n\n")),
            is_deprecated: self.operation.member("deprecated") == Some(&Node::Bool(true)),
            takes_query: self.takes_query()?,
            body: self.body()?,
            scopes: self.scopes()?,
        })
    }

    fn takes_query(&self) -> Result<bool, String> {
        let shared = |name: &str| self.shared.parameters.get(name).copied();
        let parameters = [self.item, self.operation].into_iter().filter_map(|node| node.member("parameters"));
        for parameter in parameters.flat_map(Node::elements) {
            let parameter = followed(parameter, "#/components/parameters/", shared)
                .map_err(|why| format!("a parameter {why}"))?;
            if parameter.member("in").and_then(Node::text) == Some("query") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn body(&self) -> Result<Body, String> {
        let Some(body) = self.operation.member("requestBody") else { return Ok(Body::None) };
        let shared = |name: &str| self.shared.bodies.get(name).copied();
        let body =
            followed(body, "#/components/requestBodies/", shared).map_err(|why| format!("its body {why}"))?;
        Ok(match body.member("required") {
            Some(Node::Bool(true)) => Body::Required,
            _ => Body::Optional,
        })
    }

    fn scopes(&self) -> Result<Option<Vec<String>>, String> {
        let security = self.operation.member("security").or_else(|| self.api.document.member("security"));
        let Some(security) = security else { return Ok(None) };
        let Node::List(alternatives) = security else {
            return Err("its `security` is no list: expected `security: [{ scheme: [scope] }]`".into());
        };
        let mut first = None;
        for alternative in alternatives {
            let scopes = self.alternative(alternative)?;
            if alternative.members().is_empty() {
                return Ok(None);
            }
            first = first.or(scopes);
        }
        Ok(first)
    }

    /// The scopes that one alternative wants of a token, `None` where it wants no token.
    fn alternative(&self, alternative: &Node) -> Result<Option<Vec<String>>, String> {
        let mut scopes: Option<Vec<String>> = None;
        for (name, wanted) in alternative.members() {
            match self.api.schemes.get(name.as_str()) {
                None => return Err(format!("it requires the security scheme {name:?}, which is not there")),
                Some(Scheme::Other) => continue,
                Some(Scheme::OAuth2(_) | Scheme::OpenIdConnect(_)) => {}
            }
            let scopes = scopes.get_or_insert_default();
            for scope in wanted.elements().iter().filter_map(Node::text) {
                if let Some(refusal) = crate::scope_grammar::refuse(scope) {
                    return Err(format!("its scope {scope:?} is none: {refusal}"));
                }
                if !scopes.iter().any(|known| known == scope) {
                    scopes.push(scope.to_owned());
                }
            }
        }
        Ok(scopes)
    }
}

/// The names in braces; everything else of the path is refused unless it may stand in one as it is.
fn places(path: &str) -> Result<Vec<String>, String> {
    let mut places = Vec::new();
    let mut rest = path;
    let mut fixed = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            return Err(format!(
                "the path {path:?} has a brace without its other one, or without a name: expected \"/products/{{id}}\""
            ));
        };
        if places.iter().any(|known| known == name) {
            return Err(format!("the path {path:?} has the place {name:?} twice"));
        }
        fixed.extend([before, "_"]);
        places.push(name.to_owned());
        rest = after;
    }
    fixed.push_str(rest);
    if !fixed.starts_with('/') {
        return Err(format!("the path {path:?} does not begin with a slash"));
    }
    if let Some(wrong) = fixed.chars().find(|character| !may_be_in_a_path(*character)) {
        return Err(format!("{wrong:?} cannot be in the path {path:?} (RFC 3986 §3.3)"));
    }
    // Percent-encoded it is a step as well.
    let is_step =
        |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    if fixed.split('/').any(is_step) {
        return Err(format!("the path {path:?} has a step of its own: write the path that it leads to"));
    }
    Ok(places)
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|character| matches!(character, 'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.'))
}

const fn may_be_in_a_path(character: char) -> bool {
    matches!(character, 'a'..='z' | 'A'..='Z' | '0'..='9' | '/' | '-' | '.' | '_' | '~' | '%' | ':' | '@'
        | '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '=')
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const MAX_OPERATIONS: usize = 1_024;
