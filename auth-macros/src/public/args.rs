//! The syntax of the attribute: nothing, or where auth-layer is found.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

use crate::fallback::Refusals;
use crate::paths::AuthLayer;

/// Parses `crate = path`, and refuses all else.
pub(super) fn parse(tokens: TokenStream) -> (AuthLayer, Refusals) {
    let mut refusals = Refusals::default();
    if tokens.is_empty() {
        return (AuthLayer::default(), refusals);
    }
    match path.parse2(tokens.clone()) {
        Ok(path) => (AuthLayer::at(path), refusals),
        Err(_) => {
            refusals.at(
                tokens,
                "`#[public]` says all there is to say: write it without arguments, or with `crate = ::auth_layer` where auth-layer was renamed",
            );
            (AuthLayer::default(), refusals)
        }
    }
}

fn path(input: ParseStream<'_>) -> syn::Result<Path> {
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    let path = input.call(Path::parse_mod_style)?;
    input.parse::<Option<Token![,]>>()?;
    Ok(path)
}
