//! An API as Auth0's Management API gives it (`GET /api/v2/resource-servers/{id}`), alone or as a list of one.

use std::collections::HashSet;

use crate::definition::node::Node;
use crate::definition::{Declared, Definition};

pub(super) fn read(document: &Node) -> Result<Definition, String> {
    let api = match document.elements() {
        [] => document,
        [one] => one,
        several => {
            return Err(format!(
                "it holds {} APIs: expected one, since each has an audience of its own",
                several.len()
            ));
        }
    };
    let Some(audience) = api.member_text("identifier") else {
        return Err("it is neither an OpenAPI document, which begins with `openapi: 3.1.0`, nor an API of Auth0's, which has an `identifier` and `scopes`".into());
    };
    let mut seen = HashSet::new();
    let scopes = api.member("scopes").map(Node::elements).unwrap_or_default().iter().map(|scope| {
        let text = scope.member("value").and_then(Node::text).ok_or_else(|| {
            "one of its `scopes` has no text `value`: expected `{ \"value\": \"read:products\", \"description\": \"..\" }`"
                .to_owned()
        })?;
        match seen.insert(text) {
            true => Ok(Declared { text: text.to_owned(), description: scope.member_text("description") }),
            false => Err(format!("it declares the scope {text:?} twice")),
        }
    });
    let scopes = scopes.collect::<Result<_, String>>()?;
    Ok(Definition { audiences: vec![audience], description: api.member_text("name"), scopes })
}
