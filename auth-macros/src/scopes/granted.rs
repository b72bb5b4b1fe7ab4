//! What a handler grants, where a scope includes others: each scope once.
//!
//! The macros of the registries have gathered it; see [`lookup`](crate::scopes::lookup).

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, Token, braced, bracketed, parenthesized};

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
    /// Nothing comes with it.
    Alone(Written),
    /// It includes others, or is included.
    Among { key: LitStr, scope: Ident, written: Written, included: Vec<Included> },
    /// It is not known, which is an error already: all that could be meant.
    Unknown { alias: TokenStream, all: Vec<Path> },
}

/// What is written for one scope.
struct Written {
    /// The alias of its type, where it was required by its text.
    alias: TokenStream,
    impl_of_grants: TokenStream,
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
        let aliases = gathered.iter().map(Gathered::alias);
        let mut impls = quote!(#(#aliases)*);
        let unknown = gathered.iter().find_map(|scope| match scope {
            Gathered::Unknown { all, .. } => Some(all),
            _ => None,
        });
        if let Some(all) = unknown {
            return quote!(#impls #(#[automatically_derived] impl #root::token::Grants<#all> for #handler { type WrittenByRequireAuth = (); })*);
        }
        let mut seen = HashSet::new();
        for scope in gathered {
            match scope {
                Gathered::Alone(written) => impls.extend(written.impl_of_grants.clone()),
                Gathered::Among { key, scope, written, .. } => {
                    if seen.insert(key.value()) {
                        impls.extend(written.impl_of_grants.clone());
                    } else {
                        let message = "this scope is here already, under another name: remove one";
                        impls.extend(syn::Error::new(scope.span(), message).into_compile_error());
                    }
                }
                Gathered::Unknown { .. } => {}
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

impl Gathered {
    const fn alias(&self) -> &TokenStream {
        match self {
            Self::Alone(Written { alias, .. })
            | Self::Among { written: Written { alias, .. }, .. }
            | Self::Unknown { alias, .. } => alias,
        }
    }
}

impl Parse for Gathered {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(syn::token::Paren) {
            let one;
            parenthesized!(one in input);
            let (key, scope) = (one.parse()?, one.parse()?);
            let written = one.parse()?;
            let mut included = Vec::new();
            while !one.is_empty() {
                included.push(Included::parse(&one)?);
            }
            return Ok(Self::Among { key, scope, written, included });
        }
        if input.peek(syn::token::Bracket) {
            let all;
            bracketed!(all in input);
            let alias = in_brackets(&all)?;
            let all = Punctuated::<Path, Token![,]>::parse_terminated(&all)?;
            return Ok(Self::Unknown { alias, all: all.into_iter().collect() });
        }
        input.parse().map(Self::Alone)
    }
}

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let written;
        braced!(written in input);
        Ok(Self { alias: in_brackets(&written)?, impl_of_grants: written.parse()? })
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

/// The tokens in brackets as they are: nothing of them is parsed again.
fn in_brackets(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let tokens;
    bracketed!(tokens in input);
    tokens.parse()
}
