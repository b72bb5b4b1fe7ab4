//! The methods of a client: each operation with a name of its own, and its arguments with theirs.
//!
//! # Rules
//! 1. An entry in braces names a method; otherwise its operation does.
//! 2. Two methods of one name, and a name that is no Rust, are refused, with the entry to write.
//! 3. An argument that is named as another one gets a `_` behind its name.

use std::collections::{HashMap, HashSet};

use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt as _;

use crate::client::args::{Client, Renamed};
use crate::definition::{Body, Operation, method_name};
use crate::fallback::Refusals;
use crate::suggest::nearest;

/// What can be emitted, beside what was refused.
#[derive(Debug)]
pub(super) struct Methods(pub(super) Vec<Method>);

#[derive(Debug)]
pub(super) struct Method {
    pub(super) name: Ident,
    /// For the places in the path, in order.
    pub(super) arguments: Vec<Ident>,
    pub(super) operation: Operation,
}

impl Methods {
    pub(super) fn of(client: &Client, operations: Vec<Operation>) -> (Self, Refusals) {
        let mut refusals = Refusals::default();
        let renamed = renamed(client, &operations, &mut refusals);
        let mut taken: HashMap<String, String> = HashMap::new();
        taken.insert("send".into(), "the method that sends a call".into());
        let mut methods = Vec::new();
        for operation in operations {
            match named(client, &renamed, &operation, &taken) {
                Ok(name) => {
                    taken.insert(name.unraw().to_string(), format!("{:?}", operation.id));
                    methods.push(Method { name, arguments: arguments(client, &operation), operation });
                }
                Err(error) => refusals.add(error),
            }
        }
        (Self(methods), refusals)
    }
}

fn renamed<'a>(
    client: &'a Client,
    operations: &[Operation],
    refusals: &mut Refusals,
) -> HashMap<String, &'a Ident> {
    let known: HashSet<&str> = operations.iter().map(|operation| operation.id.as_str()).collect();
    let mut renamed = HashMap::new();
    for entry in &client.renamed {
        let Renamed { name, operation } = entry;
        let id = operation.value();
        if !known.contains(id.as_str()) {
            let meant = nearest(&id, known.iter().copied());
            let meant = meant.map_or_else(
                || ": name one by its `operationId`, or by its method and path".to_owned(),
                |meant| format!(", did you mean {meant:?}?"),
            );
            refusals.at(entry, format!("{:?} has no operation {id:?}{meant}", client.definition.value()));
        } else if let Some(first) = renamed.insert(id, name) {
            refusals.at(entry, format!("this operation is named twice: it is `{first}` already"));
        }
    }
    renamed
}

/// The name of a method, or why it can have none.
fn named(
    client: &Client,
    renamed: &HashMap<String, &Ident>,
    operation: &Operation,
    taken: &HashMap<String, String>,
) -> syn::Result<Ident> {
    let (id, file) = (&operation.id, client.definition.value());
    let (name, span) = match renamed.get(id) {
        Some(name) => ((*name).clone(), name.span()),
        None => {
            let span = client.definition.span();
            let name = method_name(id).ok_or_else(|| {
                let message = format!("its operation {id:?} makes no name of a method: name it, `from {file:?} {{ my_name = {id:?} }}`");
                syn::Error::new(span, message)
            })?;
            (identifier(&name, span), span)
        }
    };
    match taken.get(&name.unraw().to_string()) {
        None => Ok(name),
        Some(other) => Err(syn::Error::new(
            span,
            format!(
                "`{name}` would be {id:?} and {other}: name it, `from {file:?} {{ {}_2 = {id:?} }}`",
                name.unraw()
            ),
        )),
    }
}

fn arguments(client: &Client, operation: &Operation) -> Vec<Ident> {
    let mut taken = HashSet::new();
    let named = |is_there: bool, name: &'static str| is_there.then(|| name.to_owned());
    taken.extend(named(operation.scopes.is_some(), "token"));
    taken.extend(named(operation.takes_query, "query"));
    taken.extend(named(operation.body != Body::None, "body"));
    // What the method itself binds.
    taken.insert("call".to_owned());
    let arguments = operation.places.iter().enumerate().map(|(at, place)| {
        let mut name = method_name(place).unwrap_or_else(|| format!("value_{}", at + 1));
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        identifier(&name, client.definition.span())
    });
    arguments.collect()
}

/// The name, raw where it is a keyword.
fn identifier(name: &str, span: Span) -> Ident {
    match syn::parse_str::<Ident>(name) {
        Ok(_) => Ident::new(name, span),
        Err(_) => Ident::new_raw(name, span),
    }
}
