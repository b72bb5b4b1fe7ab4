//! Every refusal of `scopes!`.

use std::collections::HashMap;

use proc_macro2::Span;
use quote::ToTokens;

use crate::fallback::Refusals;
use crate::scope_grammar;
use crate::scopes::args::{Api, Registry};

pub(super) fn check(registry: &Registry) -> Refusals {
    let mut refusals = Refusals::default();
    if registry.apis.is_empty() {
        refusals.add(syn::Error::new(
            Span::call_site(),
            "no API is declared: write `pub api Products = \"https://api.shop.example\" { ReadProducts = \"read:products\" }`",
        ));
    }
    for api in &registry.apis {
        check_api(api, &mut refusals);
    }
    check_names(registry, &mut refusals);
    check_texts(registry, &mut refusals);
    refusals
}

fn check_api(api: &Api, refusals: &mut Refusals) {
    let name = &api.name;
    // Of a definition it was said already.
    if api.scopes.is_empty() && api.definition.is_none() {
        refusals.at(
            name,
            format!("the API `{name}` declares no scope: write `{{ ReadProducts = \"read:products\" }}`"),
        );
    }
    if let Some(audience) = &api.audience
        && audience.value().trim().is_empty()
    {
        refusals.at(audience, format!("an audience cannot be empty: leave it out, as in `api {name} {{ .. }}`, for the configured one"));
    }
    for scope in &api.scopes {
        if let Some(message) = scope_grammar::refuse(&scope.text.value()) {
            refusals.at(&scope.text, message);
        }
    }
}

fn check_names(registry: &Registry, refusals: &mut Refusals) {
    let mut seen = HashMap::new();
    let names = registry
        .apis
        .iter()
        .flat_map(|api| std::iter::once(&api.name).chain(api.scopes.iter().map(|scope| &scope.name)));
    for name in names {
        if seen.insert(name.to_string(), ()).is_some() {
            refusals.at(
                name,
                format!(
                    "the name `{name}` is declared twice: give each API and each scope a name of its own"
                ),
            );
        }
    }
}

fn check_texts(registry: &Registry, refusals: &mut Refusals) {
    let mut seen: HashMap<String, (&Api, &syn::Ident)> = HashMap::new();
    for api in &registry.apis {
        for scope in &api.scopes {
            let text = scope.text.value();
            let Some((before, first)) = seen.get(&text) else {
                seen.insert(text, (api, &scope.name));
                continue;
            };
            let message = if before.name == api.name {
                format!("the scope {text:?} is declared twice: it is `{first}` already")
            } else {
                format!(
                    "the scope {text:?} is declared by `{}` and by `{}`: declare one of them in a module of its own and name it with `registry = path`",
                    before.name, api.name
                )
            };
            refusals.at(scope.text.to_token_stream(), message);
        }
    }
}
