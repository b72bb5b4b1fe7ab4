//! The syntax of `scopes!`: APIs, each with the scopes that it declares.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Path, Token, Visibility, braced};

use crate::paths::AuthLayer;

/// A whole invocation: `crate = path;` or nothing, then the APIs.
#[derive(Debug)]
pub(super) struct Registry {
    pub(super) auth_layer: AuthLayer,
    pub(super) apis: Vec<Api>,
}

/// `pub api Products = "https://api.shop.example" { ... }`.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) audience: Option<LitStr>,
    pub(super) scopes: Vec<Scope>,
}

/// `ReadProducts = "read:products"`.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) attributes: Vec<Attribute>,
    pub(super) name: Ident,
    pub(super) text: LitStr,
}

impl Registry {
    pub(super) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        syn::parse2(tokens)
    }

    /// Keeps the first of each name and each text, so that what is left can be emitted beside the errors.
    pub(super) fn without_repeats(mut self) -> Self {
        let (mut names, mut texts) = (HashSet::new(), HashSet::new());
        self.apis.retain(|api| names.insert(api.name.to_string()));
        for api in &mut self.apis {
            api.scopes
                .retain(|scope| names.insert(scope.name.to_string()) && texts.insert(scope.text.value()));
        }
        self
    }

    pub(super) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.apis.iter().flat_map(|api| &api.scopes)
    }
}

impl Parse for Registry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut auth_layer = AuthLayer::default();
        if input.peek(Token![crate]) && input.peek2(Token![=]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            auth_layer = AuthLayer::at(input.call(Path::parse_mod_style)?);
            input.parse::<Token![;]>()?;
        }
        let mut apis = Vec::new();
        while !input.is_empty() {
            apis.push(input.parse()?);
        }
        Ok(Self { auth_layer, apis })
    }
}

impl Parse for Api {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        match input.parse::<Option<Ident>>()? {
            Some(word) if word == "api" => {}
            Some(word) => return Err(syn::Error::new(word.span(), API)),
            None => return Err(input.error(API)),
        }
        let name = input.parse()?;
        let audience = if input.parse::<Option<Token![=]>>()?.is_some() {
            let text = input.parse().map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "the audience of an API is a string, as in `\"https://api.shop.example\"`",
                )
            })?;
            Some(text)
        } else {
            None
        };
        if !input.peek(syn::token::Brace) {
            return Err(
                input.error("the scopes of an API stand in braces: `{ ReadProducts = \"read:products\" }`")
            );
        }
        let body;
        braced!(body in input);
        let scopes = Punctuated::<Scope, Token![,]>::parse_terminated(&body)?;
        Ok(Self { attributes, visibility, name, audience, scopes: scopes.into_iter().collect() })
    }
}

impl Parse for Scope {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        if input.peek(LitStr) {
            return Err(input.error("a scope needs the name of its type: `ReadProducts = \"read:products\"`"));
        }
        let name: Ident = input.parse()?;
        if !input.peek(Token![=]) {
            let message =
                format!("a scope needs its text, as the provider writes it: `{name} = \"read:products\"`");
            return Err(syn::Error::new(name.span(), message));
        }
        input.parse::<Token![=]>()?;
        if !input.peek(LitStr) {
            return Err(input.error(format!("a scope is a string: `{name} = \"read:products\"`")));
        }
        let text = input.parse()?;
        Ok(Self { attributes, name, text })
    }
}

const API: &str = "expected an API: `pub api Products = \"https://api.shop.example\" { .. }`";
