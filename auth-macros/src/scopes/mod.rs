//! `scopes!`: the scopes of an API, each a type.
//!
//! [`args`] parses, [`check`] refuses, [`expand`] emits; [`unknown`] is what a wrong literal of
//! `#[require_auth]` ends in.

mod args;
mod check;
mod expand;
mod unknown;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use proc_macro2::TokenStream;

pub(crate) use unknown::unknown;

use args::Registry;

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let registry = match Registry::parse(tokens) {
        Ok(registry) => registry,
        Err(error) => return error.into_compile_error(),
    };
    match check::check(&registry).into_compile_errors() {
        Some(mut errors) => {
            errors.extend(expand::items(&registry.without_repeats()));
            errors
        }
        None => expand::items(&registry),
    }
}
