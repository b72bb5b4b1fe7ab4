//! `#[require_auth]`: a handler that runs for authenticated requests only, with a typed token.
//!
//! [`args`] and [`function`] parse, [`model`] says what it means, [`check`] refuses, [`expand`] emits.

mod args;
mod check;
mod expand;
mod function;
mod model;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use proc_macro2::TokenStream;

use crate::fallback;
use args::Args;
use function::Function;
use model::Model;

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match Function::parse(item.clone()) {
        Ok(function) => function,
        Err(error) => return fallback::unchanged(item, error),
    };
    let (args, mut refusals) = Args::parse(args);
    let model = Model::of(&args, &function);
    refusals.append(check::check(&args, &model));
    match refusals.into_compile_errors() {
        Some(mut errors) => {
            errors.extend(expand::despite_refusal(&model));
            errors
        }
        None => expand::items(&model),
    }
}
