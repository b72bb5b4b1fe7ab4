//! The item under the attribute: its signature is parsed, its body stays tokens.
//!
//! A body that does not parse is rustc's to report, and parsing it would cost every build.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Signature, Token, Visibility};

/// A function with an opaque body.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) signature: Signature,
    pub(super) body: Group,
}

impl Function {
    pub(super) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        syn::parse2(tokens)
    }

    /// Returns the attributes that decide whether the item exists; all that is written for it needs them.
    pub(super) fn cfg(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if !begins_function(input) {
            let found: TokenTree = input.parse()?;
            skip(input)?;
            return Err(syn::Error::new(
                found.span(),
                "`#[require_auth]` goes on a handler, `async fn products(token: AccessToken) { .. }`, or on a `mod` or an `impl` with handlers in it",
            ));
        }
        let signature = input.parse()?;
        if input.peek(Token![;]) {
            skip(input)?;
            return Err(syn::Error::new_spanned(
                signature,
                "`#[require_auth]` goes on a function with a body",
            ));
        }
        let body: Group = input.parse()?;
        if body.delimiter() != Delimiter::Brace {
            return Err(syn::Error::new(body.span(), "expected the body of the function: `{ .. }`"));
        }
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
