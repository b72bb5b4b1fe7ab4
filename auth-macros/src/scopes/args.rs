//! The syntax of `scopes!`: APIs, each with the scopes that it declares.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Path, Token, Visibility, braced, bracketed};

use crate::paths::AuthLayer;

/// A whole invocation: `crate = path;` or nothing, then the APIs.
#[derive(Debug)]
pub(super) struct Registry {
    pub(super) auth_layer: AuthLayer,
    pub(super) apis: Vec<Api>,
    /// A definition could not be read: what it declares is not known.
    pub(super) is_broken: bool,
}

/// `pub api Products = "https://api.shop.example" { ... }`, or `pub api Products from "products.json";`.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) audience: Option<LitStr>,
    /// The file that defines it, and where that is once it was read.
    pub(super) definition: Option<LitStr>,
    pub(super) read_from: Option<String>,
    pub(super) scopes: Vec<Scope>,
}

/// `ReadProducts = "read:products"`, or `Admin = "admin" includes [ReadProducts, "write:products"]`.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) attributes: Vec<Attribute>,
    pub(super) name: Ident,
    pub(super) text: LitStr,
    pub(super) includes: Vec<Included>,
}

/// Another scope, by the name of its type or by its text.
#[derive(Debug)]
pub(super) enum Included {
    Type(Ident),
    Text(LitStr),
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
        Ok(Self { auth_layer, apis, is_broken: false })
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
        let definition = definition(input)?;
        let scopes = if definition.is_some() && !input.peek(syn::token::Brace) {
            // After the last one it may be left out.
            if !input.is_empty() {
                input.parse::<Token![;]>()?;
            }
            Vec::new()
        } else if input.peek(syn::token::Brace) {
            let body;
            braced!(body in input);
            Punctuated::<Scope, Token![,]>::parse_terminated(&body)?.into_iter().collect()
        } else {
            return Err(input.error(
                "the scopes of an API stand in braces, or in a file: `{ ReadProducts = \"read:products\" }`, or `from \"products.openapi.yaml\";`",
            ));
        };
        Ok(Self { attributes, visibility, name, audience, definition, read_from: None, scopes })
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
        let includes = includes(input)?;
        Ok(Self { attributes, name, text, includes })
    }
}

impl Parse for Included {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Text);
        }
        let name = input.parse().map_err(|error| syn::Error::new(error.span(), INCLUDES))?;
        if input.peek(Token![::]) {
            return Err(
                input.error("a scope that is included is declared here: write the name of its type alone")
            );
        }
        Ok(Self::Type(name))
    }
}

impl ToTokens for Included {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Type(name) => name.to_tokens(tokens),
            Self::Text(text) => text.to_tokens(tokens),
        }
    }
}

/// `includes [ReadProducts, "write:products"]`, if it is there.
fn includes(input: ParseStream<'_>) -> syn::Result<Vec<Included>> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Vec::new());
    }
    let word = input.parse::<Ident>().ok().filter(|word| word == "includes");
    let Some(word) = word else { return Err(input.error(AFTER_A_SCOPE)) };
    if !input.peek(syn::token::Bracket) {
        return Err(syn::Error::new(word.span(), INCLUDES));
    }
    let body;
    bracketed!(body in input);
    let includes = Punctuated::<Included, Token![,]>::parse_terminated(&body)?;
    if includes.is_empty() {
        return Err(syn::Error::new(word.span(), "nothing is included: name a scope, or remove `includes`"));
    }
    Ok(includes.into_iter().collect())
}

/// `from "products.openapi.yaml"`, if it is there.
fn definition(input: ParseStream<'_>) -> syn::Result<Option<LitStr>> {
    let is_from = |input: ParseStream<'_>| input.parse::<Ident>().is_ok_and(|word| word == "from");
    if !is_from(&input.fork()) {
        return Ok(None);
    }
    input.parse::<Ident>()?;
    let path = input.parse::<LitStr>().map_err(|error| {
        syn::Error::new(
            error.span(),
            "a definition is named by its path, as in `from \"products.openapi.yaml\"`",
        )
    })?;
    Ok(Some(path))
}

const INCLUDES: &str = "what a scope includes is a list: write `includes [ReadProducts, \"write:products\"]`";
const AFTER_A_SCOPE: &str =
    "after a scope comes `,`, or what it includes: `includes [ReadProducts, \"write:products\"]`";
const API: &str = "expected an API: `pub api Products = \"https://api.shop.example\" { .. }`";
