//! The stages of `#[require_auth]`, in their order.

use proc_macro2::TokenStream;

use crate::fallback;
use crate::function::{Function, REQUIRE_AUTH};
use crate::require_auth::args::Args;
use crate::require_auth::model::Model;
use crate::require_auth::{check, expand as emit};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match Function::parse(item.clone(), REQUIRE_AUTH) {
        Ok(function) => function,
        Err(error) => return fallback::unchanged(item, error),
    };
    let (args, mut refusals) = Args::parse(args);
    let model = Model::of(&args, &function);
    refusals.append(check::check(&args, &model));
    match refusals.into_compile_errors() {
        Some(mut errors) => {
            errors.extend(emit::despite_refusal(&model));
            errors
        }
        None => emit::items(&model),
    }
}
