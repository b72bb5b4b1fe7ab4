//! What a handler grants, where a scope includes others: each scope once.
//!
//! The macros of the registries have gathered it; see [`lookup`](crate::scopes::lookup).

use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, Token, bracketed, parenthesized};

/// Takes the path of auth-layer, the handler, and what was gathered for each of its scopes.
pub(crate) fn granted(tokens: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| {
        let auth_layer;
        bracketed!(auth_layer in input);
        let handler = Handler { auth_layer: auth_layer.parse()?, name: input.parse()? };
        let gathered;
        bracketed!(gathered in input);
        let mut all = Vec::new();
        while !gathered.is_empty() {
            all.push(gathered.parse()?);
        }
        Ok(handler.impls(&all))
    };
    parser.parse2(tokens).unwrap_or_else(syn::Error::into_compile_error)
}

struct Handler {
    auth_layer: TokenStream,
    name: Ident,
}

/// What is known of one scope that the handler requires.
enum Gathered {
    /// The impl that is written for it, and nothing comes with it.
    Alone(TokenStream),
    /// It includes others, or is included.
    Among { key: LitStr, scope: Ident, written: TokenStream, included: Vec<Included> },
    /// It is not known, which is an error already: all that could be meant.
    Unknown(Vec<Path>),
}

/// A scope that comes with another one.
struct Included {
    key: LitStr,
    /// Known to the registry, which was asked with its path, and not to the macro beside a type.
    path: Option<Path>,
}

impl Handler {
    fn impls(&self, gathered: &[Gathered]) -> TokenStream {
        let (root, handler) = (&self.auth_layer, &self.name);
        let unknown = gathered.iter().find_map(|scope| match scope {
            Gathered::Unknown(all) => Some(all),
            _ => None,
        });
        if let Some(all) = unknown {
            return quote!(#(#[automatically_derived] impl #root::token::Grants<#all> for #handler { type WrittenByRequireAuth = (); })*);
        }
        let mut impls = TokenStream::new();
        let mut seen = HashSet::new();
        for scope in gathered {
            match scope {
                Gathered::Alone(written) => impls.extend(written.clone()),
                Gathered::Among { key, scope, written, .. } => {
                    if seen.insert(key.value()) {
                        impls.extend(written.clone());
                    } else {
                        let message = "this scope is here already, under another name: remove one";
                        impls.extend(syn::Error::new(scope.span(), message).into_compile_error());
                    }
                }
                Gathered::Unknown(_) => {}
            }
        }
        // After all that are written: those have the places that an error is to show.
        for scope in gathered {
            let Gathered::Among { scope, included, .. } = scope else { continue };
            let new = included.iter().enumerate().filter(|(_, included)| seen.insert(included.key.value()));
            impls.extend(new.map(|(place, Included { path, .. })| {
                let span = scope.span();
                let included = path.as_ref().map_or_else(
                    || quote_spanned!(span=> <#scope as #root::token::Includes<#handler, #place>>::Scope),
                    ToTokens::to_token_stream,
                );
                quote_spanned! {span=>
                    #[automatically_derived]
                    #[allow(deprecated)]
                    impl #root::token::Grants<#included> for #handler {
                        type WrittenByRequireAuth = ();
                    }
                }
            }));
        }
        impls
    }
}

impl Parse for Gathered {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(syn::token::Paren) {
            let one;
            parenthesized!(one in input);
            let (key, scope) = (one.parse()?, one.parse()?);
            let written = braced(&one)?;
            let mut included = Vec::new();
            while !one.is_empty() {
                included.push(Included::parse(&one)?);
            }
            return Ok(Self::Among { key, scope, written, included });
        }
        if input.peek(syn::token::Bracket) {
            let all;
            bracketed!(all in input);
            let all = Punctuated::<Path, Token![,]>::parse_terminated(&all)?;
            return Ok(Self::Unknown(all.into_iter().collect()));
        }
        braced(input).map(Self::Alone)
    }
}

impl Parse for Included {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.parse()?;
        if !input.peek(syn::token::Bracket) {
            return Ok(Self { key, path: None });
        }
        let path;
        bracketed!(path in input);
        Ok(Self { key, path: Some(path.parse()?) })
    }
}

/// The tokens in braces as they are: nothing of an impl is parsed again.
fn braced(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let group: Group = input.parse()?;
    match group.delimiter() {
        Delimiter::Brace => Ok(group.stream()),
        _ => Err(syn::Error::new(group.span(), "expected an impl in braces")),
    }
}
