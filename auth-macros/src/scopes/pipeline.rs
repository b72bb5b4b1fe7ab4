//! The stages of `scopes!`, in their order.

use proc_macro2::TokenStream;

use crate::scopes::args::Registry;
use crate::scopes::defined::define;
use crate::scopes::{check, expand as emit};

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let mut registry = match Registry::parse(tokens) {
        Ok(registry) => registry,
        Err(error) => return error.into_compile_error(),
    };
    let mut refusals = define(&mut registry);
    refusals.append(check::check(&registry));
    match refusals.into_compile_errors() {
        Some(mut errors) => {
            errors.extend(emit::items(&registry.without_repeats()));
            errors
        }
        None => emit::items(&registry),
    }
}
