//! What a definition declares, put beside what is written inline.
//!
//! # Rules
//! 1. An entry in braces gives a scope of the file another name, and attributes of its own.
//! 2. What is said in the program wins: an audience, and documentation.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::{Ident, LitStr};

use crate::definition::{Declared, Definition, definition, document, load, type_name};
use crate::fallback::Refusals;
use crate::scopes::args::{Api, Registry, Scope};

/// Reads every definition that is named, and adds its scopes.
pub(super) fn define(registry: &mut Registry) -> Refusals {
    let mut refusals = Refusals::default();
    for api in &mut registry.apis {
        let Some(literal) = api.definition.clone() else { continue };
        match load(&literal, definition) {
            Ok((definition, path)) => {
                api.read_from = Some(path.display().to_string());
                take_over(api, &literal, definition, &mut refusals);
            }
            Err(why) => {
                registry.is_broken = true;
                refusals.at(&literal, why);
            }
        }
    }
    refusals
}

fn take_over(api: &mut Api, literal: &LitStr, definition: Definition, refusals: &mut Refusals) {
    let span = literal.span();
    match definition.audiences.as_slice() {
        _ if api.audience.is_some() => {}
        [] => {}
        [audience] => api.audience = Some(LitStr::new(audience, span)),
        several => refusals.at(
            literal,
            format!(
                "it names several audiences, {several:?}: say which one, `api {} = {:?} from {:?}`",
                api.name,
                several[0],
                literal.value()
            ),
        ),
    }
    document(&mut api.attributes, definition.description.as_deref(), span);
    let mut renamed: HashMap<String, Scope> = HashMap::new();
    for scope in api.scopes.drain(..) {
        let text = scope.text.clone();
        if let Some(first) = renamed.insert(text.value(), scope) {
            refusals.at(
                &text,
                format!("the scope {:?} is declared twice: it is `{}` already", text.value(), first.name),
            );
        }
    }
    let mut names = HashMap::new();
    for Declared { text, description } in definition.scopes {
        if let Some(refusal) = crate::scope_grammar::refuse(&text) {
            refusals.at(literal, format!("its scope {text:?} is none: {refusal}"));
            continue;
        }
        let mut scope = match renamed.remove(&text) {
            Some(scope) => scope,
            None => match named(&text, span) {
                Ok(scope) => scope,
                Err(why) => {
                    refusals.at(literal, why);
                    continue;
                }
            },
        };
        if scope.name == api.name {
            refusals.at(
                literal,
                format!(
                    "its scope {text:?} would be `{name}`, which is the API: name it, `from {path:?} {{ {name}Scope = {text:?} }}`",
                    name = scope.name,
                    path = literal.value(),
                ),
            );
            continue;
        }
        if let Some(first) = names.insert(scope.name.to_string(), text.clone()) {
            refusals.at(
                literal,
                format!(
                    "its scopes {first:?} and {text:?} would both be `{name}`: name one of them, `from {path:?} {{ {name}2 = {text:?} }}`",
                    name = scope.name,
                    path = literal.value(),
                ),
            );
            continue;
        }
        document(&mut scope.attributes, description.as_deref(), span);
        api.scopes.push(scope);
    }
    let mut unknown: Vec<Scope> = renamed.into_values().collect();
    unknown.sort_by_key(|scope| scope.text.value());
    for scope in unknown {
        let message = format!(
            "{:?} does not declare the scope {:?}: an entry here names one of its scopes",
            literal.value(),
            scope.text.value()
        );
        refusals.at(&scope.text, message);
    }
}

fn named(text: &str, span: Span) -> Result<Scope, String> {
    let name = type_name(text).ok_or_else(|| {
        format!("its scope {text:?} makes no name of a type: name it, `{{ MyName = {text:?} }}`")
    })?;
    let (name, text) = (Ident::new(&name, span), LitStr::new(text, span));
    Ok(Scope { attributes: Vec::new(), name, text, includes: Vec::new() })
}
