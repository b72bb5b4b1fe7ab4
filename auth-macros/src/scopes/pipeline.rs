//! The stages of `scopes!`, in their order.

use proc_macro2::TokenStream;

use crate::scopes::args::Registry;
use crate::scopes::defined::define;
use crate::scopes::includes::Includes;
use crate::scopes::{check, expand as emit};

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let mut registry = match Registry::parse(tokens) {
        Ok(registry) => registry,
        Err(error) => return error.into_compile_error(),
    };
    let mut refusals = define(&mut registry);
    refusals.append(check::check(&registry));
    let (includes, refused) = Includes::of_registry(&registry);
    refusals.append(refused);
    match refusals.into_compile_errors() {
        Some(mut errors) => {
            errors.extend(emit::items(&registry.without_repeats(), &includes));
            errors
        }
        None => emit::items(&registry, &includes),
    }
}
