//! The item under the attribute: its signature is parsed, its body stays tokens.
//!
//! A body that does not parse is rustc's to report, and parsing it would cost every build.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Signature, Token, Visibility};

/// A function with an opaque body.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
}

impl Function {
    /// Parses what stands under the attribute, which is named in the errors.
    pub(crate) fn parse(tokens: TokenStream, attribute: &str) -> syn::Result<Self> {
        let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // syn copies all that it is given, so the body is no part of that.
        let body = match tokens.pop() {
            Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => Some(body),
            last => {
                tokens.extend(last);
                None
            }
        };
        let tokens = TokenStream::from_iter(tokens);
        (|input: ParseStream<'_>| Self::parse_under(attribute, input, body.clone())).parse2(tokens)
    }

    /// Returns the name of the type that stands for the function: `ProductsHandler` for `products`, and
    /// `ShopProductsHandler` for `Shop::products`.
    ///
    /// It is what rustc's errors say, so it reads as English.
    pub(crate) fn marker(&self, block: Option<&str>) -> Ident {
        let name = &self.signature.ident;
        let camel: String = name.unraw().to_string().split('_').map(capitalised).collect();
        Ident::new(&format!("{}{camel}Handler", block.unwrap_or_default()), written_at(name.span()))
    }

    /// Returns the function's name within its module.
    pub(crate) fn name(&self, block: Option<&str>) -> String {
        let name = self.signature.ident.unraw();
        block.map_or_else(|| name.to_string(), |block| format!("{block}::{name}"))
    }

    /// Returns the attributes that decide whether the item exists; all that is written for it needs them.
    pub(crate) fn cfg(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    fn parse_under(attribute: &str, input: ParseStream<'_>, body: Option<Group>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if !begins_function(input) {
            let found: TokenTree = input.parse()?;
            skip(input)?;
            let message = if attribute == PUBLIC {
                "`#[public]` goes on a handler: `async fn home() { .. }`"
            } else {
                "`#[require_auth]` goes on a handler, `async fn products(token: AccessToken) { .. }`, or on a `mod` or an `impl` with handlers in it"
            };
            return Err(syn::Error::new(found.span(), message));
        }
        let signature = input.parse()?;
        let Some(body) = body else {
            skip(input)?;
            let message = format!("`#[{attribute}]` goes on a function with a body");
            return Err(syn::Error::new_spanned(signature, message));
        };
        Ok(Self { attributes, visibility, signature, body })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, visibility, signature, body } = self;
        tokens.extend(quote::quote!(#(#attributes)* #visibility #signature #body));
    }
}

/// Whether a `fn` comes after the words that may stand before it.
fn begins_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while ahead.peek(Token![const])
        || ahead.peek(Token![async])
        || ahead.peek(Token![unsafe])
        || ahead.peek(Token![extern])
        || ahead.peek(syn::LitStr)
    {
        if ahead.parse::<TokenTree>().is_err() {
            return false;
        }
    }
    ahead.peek(Token![fn]) && ahead.peek2(Ident)
}

/// Takes the rest, since syn reports tokens left over instead of our error.
fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    input.parse::<TokenStream>().map(drop)
}

/// Whether an attribute is this one of ours, by the last name of its path.
pub(crate) fn is_attribute(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
}

/// A span that shows where the user wrote, and is known to lints as the attribute's.
pub(crate) fn written_at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The attribute of a handler that requires something of its callers.
pub(crate) const REQUIRE_AUTH: &str = "require_auth";

/// The attribute of a handler that anyone may call.
pub(crate) const PUBLIC: &str = "public";
