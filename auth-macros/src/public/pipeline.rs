//! The stages of `#[public]`, in their order.

use proc_macro2::TokenStream;

use crate::fallback;
use crate::function::{Function, PUBLIC};
use crate::public::{args, check, expand as emit};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match Function::parse(item.clone(), PUBLIC) {
        Ok(function) => function,
        Err(error) => return fallback::unchanged(item, error),
    };
    let (auth_layer, mut refusals) = args::parse(args);
    refusals.append(check::check(&function));
    match refusals.into_compile_errors() {
        Some(mut errors) => {
            errors.extend(emit::despite_refusal(&function, &auth_layer));
            errors
        }
        None => emit::items(&function, &auth_layer),
    }
}
