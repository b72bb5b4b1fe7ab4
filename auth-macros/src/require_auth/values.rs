//! The values of the keys: lists of scopes, lists of texts, seconds, paths.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Lit, LitInt, LitStr, Path, Token, bracketed, token};

use crate::fallback::Refusals;
use crate::require_auth::args::skip_to_comma;
use crate::require_auth::keys::example;

/// A list of scopes, with the key that it was given under.
#[derive(Debug)]
pub(super) struct List {
    pub(super) key: Ident,
    pub(super) entries: Vec<Entry>,
    /// Nothing was written, which is another thing than nothing that could be read.
    pub(super) is_empty: bool,
}

/// One scope: its text, or the path of its type.
#[derive(Debug)]
pub(super) enum Entry {
    Text(LitStr),
    Type(Path),
}

/// A list of texts that are no scopes: permissions, roles, classes of authentication.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) key: Ident,
    pub(super) entries: Vec<LitStr>,
    /// As of a [`List`].
    pub(super) is_empty: bool,
}

/// A number of seconds.
#[derive(Debug)]
pub(super) struct Seconds {
    pub(super) span: Span,
    pub(super) number: u64,
}

impl List {
    pub(super) fn parse(key: Ident, input: ParseStream<'_>, refusals: &mut Refusals) -> syn::Result<Self> {
        let (entries, is_empty) = entries(&key, input, refusals)?;
        Ok(Self { key, entries, is_empty })
    }
}

impl Texts {
    pub(super) fn parse(key: Ident, input: ParseStream<'_>, refusals: &mut Refusals) -> syn::Result<Self> {
        let (entries, is_empty) = entries::<Text>(&key, input, refusals)?;
        Ok(Self { key, entries: entries.into_iter().map(|text| text.0).collect(), is_empty })
    }

    /// As [`Texts::parse`], and a text alone is a list of one.
    pub(super) fn parse_one_or_more(
        key: Ident,
        input: ParseStream<'_>,
        refusals: &mut Refusals,
    ) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return Ok(Self { key, entries: vec![input.parse()?], is_empty: false });
        }
        Self::parse(key, input, refusals)
    }
}

impl Seconds {
    /// A number, or a product as people write one: `5 * 60`.
    pub(super) fn parse(key: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        let write = format!("write a number of seconds: `{key} = {}`", example(&key.to_string()));
        let (mut number, mut span) = (1_u64, None);
        loop {
            if !input.peek(LitInt) {
                return Err(input.error(write));
            }
            let literal: LitInt = input.parse()?;
            if !literal.suffix().is_empty() {
                return Err(syn::Error::new(literal.span(), write));
            }
            let product = number.checked_mul(literal.base10_parse()?);
            number = product.ok_or_else(|| syn::Error::new(literal.span(), write.clone()))?;
            let span = *span.get_or_insert(literal.span());
            if input.is_empty() || input.peek(Token![,]) {
                return Ok(Self { span, number });
            }
            if !input.peek(Token![*]) {
                return Err(input.error(write));
            }
            let times: Token![*] = input.parse()?;
            if input.is_empty() {
                return Err(syn::Error::new(times.span, write));
            }
        }
    }
}

/// One entry of a list of texts.
struct Text(LitStr);

impl Parse for Text {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self);
        }
        if let Some((word, _)) = input.cursor().ident() {
            return Err(
                input.error(format!("the provider's own text is in quotes: write \"{}\"", word.unraw()))
            );
        }
        Err(input.error("expected a string, as the provider writes it"))
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

/// The entries that can be read, and whether none was written.
fn entries<E: Parse>(
    key: &Ident,
    input: ParseStream<'_>,
    refusals: &mut Refusals,
) -> syn::Result<(Vec<E>, bool)> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        let message = format!("this is a list: write `{key} = [{:?}]`", text.value());
        return Err(syn::Error::new(text.span(), message));
    }
    if !input.peek(token::Bracket) {
        return Err(input.error(format!("expected a list: write `{key} = {}`", example(&key.to_string()))));
    }
    let body;
    bracketed!(body in input);
    let is_empty = body.is_empty();
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
    Ok((entries, is_empty))
}

pub(super) fn value(key: &str, input: ParseStream<'_>) -> syn::Result<LitStr> {
    if !input.peek(LitStr) {
        return Err(input.error(format!("expected a string: write `{key} = {}`", example(key))));
    }
    input.parse()
}

pub(super) fn path(key: &str, input: ParseStream<'_>) -> syn::Result<Path> {
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
