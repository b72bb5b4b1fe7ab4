//! The syntax of the attribute: `key = value`, separated by commas.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Ident, Lit, LitStr, Path, Token, bracketed, token};

use crate::fallback::Refusals;
use crate::paths::AuthLayer;
use crate::suggest::nearest;

/// The arguments as they were written.
#[derive(Debug, Default)]
pub(super) struct Args {
    pub(super) scopes: Option<List>,
    pub(super) any_scopes: Option<List>,
    pub(super) audience: Option<LitStr>,
    pub(super) registry: Option<Path>,
    pub(super) auth_layer: Option<Path>,
}

/// A list of scopes, with the key that it was given under.
#[derive(Debug)]
pub(super) struct List {
    pub(super) key: Ident,
    pub(super) entries: Vec<Entry>,
}

/// One scope: its text, or the path of its type.
#[derive(Debug)]
pub(super) enum Entry {
    Text(LitStr),
    Type(Path),
}

impl Args {
    /// Parses what can be parsed, and refuses the rest.
    pub(super) fn parse(tokens: TokenStream) -> (Self, Refusals) {
        let parser = |input: ParseStream<'_>| {
            let (mut args, mut refusals) = (Self::default(), Refusals::default());
            while !input.is_empty() {
                if let Err(error) = args.parse_one(input, &mut refusals) {
                    refusals.add(error);
                    skip_to_comma(input)?;
                }
                if !input.is_empty() {
                    if !input.peek(Token![,]) {
                        refusals.add(input.error("expected `,`"));
                        skip_to_comma(input)?;
                    }
                    input.parse::<Option<Token![,]>>()?;
                }
            }
            Ok((args, refusals))
        };
        parser.parse2(tokens).unwrap_or_else(|error| {
            let mut refusals = Refusals::default();
            refusals.add(error);
            (Self::default(), refusals)
        })
    }

    fn parse_one(&mut self, input: ParseStream<'_>, refusals: &mut Refusals) -> syn::Result<()> {
        if input.peek(LitStr) {
            let scope: LitStr = input.parse()?;
            let message =
                format!("say whether all are required or any one: write `scopes = [{:?}]`", scope.value());
            return Err(syn::Error::new(scope.span(), message));
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected `key = value`, as in `scopes = [\"read:products\"]`"));
        }
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        if !KEYS.contains(&name.as_str()) {
            return Err(syn::Error::new(key.span(), unknown_key(&name)));
        }
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(key.span(), format!("write `{name} = {}`", example(&name))));
        }
        input.parse::<Token![=]>()?;
        let is_first = match name.as_str() {
            "scopes" => put(&mut self.scopes, List::parse(key.clone(), input, refusals)?),
            "any_scopes" => put(&mut self.any_scopes, List::parse(key.clone(), input, refusals)?),
            "audience" => put(&mut self.audience, value(&name, input)?),
            "registry" => put(&mut self.registry, path(&name, input)?),
            _ => put(&mut self.auth_layer, path(&name, input)?),
        };
        if !is_first {
            let message = match name.as_str() {
                "scopes" | "any_scopes" => format!("`{name}` is given twice: write one list"),
                _ => format!("`{name}` is given twice: write it once"),
            };
            refusals.at(key, message);
        }
        Ok(())
    }

    /// Returns where auth-layer is found.
    pub(super) fn auth_layer(&self) -> AuthLayer {
        self.auth_layer.clone().map_or_else(AuthLayer::default, AuthLayer::at)
    }

    /// Returns the entries of both lists, in the order written within each.
    pub(super) fn lists(&self) -> impl Iterator<Item = &List> {
        self.scopes.iter().chain(&self.any_scopes)
    }
}

impl List {
    fn parse(key: Ident, input: ParseStream<'_>, refusals: &mut Refusals) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let scope: LitStr = input.parse()?;
            let message = format!("this is a list: write `{key} = [{:?}]`", scope.value());
            return Err(syn::Error::new(scope.span(), message));
        }
        if !input.peek(token::Bracket) {
            return Err(
                input.error(format!("expected a list: write `{key} = {}`", example(&key.to_string())))
            );
        }
        let body;
        bracketed!(body in input);
        let mut entries = Vec::new();
        while !body.is_empty() {
            match body.parse() {
                Ok(entry) => entries.push(entry),
                Err(error) => {
                    refusals.add(error);
                    skip_to_comma(&body)?;
                }
            }
            if !body.is_empty() {
                body.parse::<Token![,]>()?;
            }
        }
        Ok(Self { key, entries })
    }
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Text);
        }
        if input.peek(Lit) {
            let literal: Lit = input.parse()?;
            return Err(syn::Error::new(literal.span(), "a scope is a string, as in `\"read:products\"`"));
        }
        if !(input.peek(Ident::peek_any) || input.peek(Token![::])) {
            return Err(input.error(
                "expected a scope: its text, as in `\"read:products\"`, or its type, as in `ReadProducts`",
            ));
        }
        input.call(Path::parse_mod_style).map(Self::Type)
    }
}

fn value(key: &str, input: ParseStream<'_>) -> syn::Result<LitStr> {
    if !input.peek(LitStr) {
        return Err(input.error(format!("expected a string: write `{key} = {}`", example(key))));
    }
    input.parse()
}

fn path(key: &str, input: ParseStream<'_>) -> syn::Result<Path> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Err(syn::Error::new(
            text.span(),
            format!("expected a path, without quotes: write `{key} = {}`", text.value()),
        ));
    }
    if !(input.peek(Ident::peek_any) || input.peek(Token![::])) {
        return Err(input.error(format!("expected a path: write `{key} = {}`", example(key))));
    }
    input.call(Path::parse_mod_style)
}

fn put<T>(place: &mut Option<T>, value: T) -> bool {
    let is_first = place.is_none();
    place.get_or_insert(value);
    is_first
}

fn unknown_key(name: &str) -> String {
    let known = KEYS.map(|key| format!("`{key}`")).join(", ");
    nearest(name, KEYS).map_or_else(
        || format!("unknown key `{name}`: the keys are {known}"),
        |meant| format!("unknown key `{name}`, did you mean `{meant}`? the keys are {known}"),
    )
}

fn example(key: &str) -> &'static str {
    match key {
        "scopes" | "any_scopes" => "[\"read:products\"]",
        "audience" => "\"https://api.shop.example\"",
        "registry" => "crate::scopes",
        _ => "::auth_layer",
    }
}

/// Goes on after an error, so that the next one is told too.
fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

const KEYS: [&str; 5] = ["scopes", "any_scopes", "audience", "registry", "crate"];
