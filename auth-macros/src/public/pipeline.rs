//! The stages of `#[public]`, in their order.

use proc_macro2::TokenStream;
use quote::quote;

use crate::fallback::Refusals;
use crate::function::{Function, PUBLIC};
use crate::public::expand::{Items, Place};
use crate::public::{args, check, expand as emit};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut refusals = Refusals::default();
    let Items { marker, function } = items(args, item, &Place::default(), &mut refusals);
    let errors = refusals.into_compile_errors();
    quote!(#errors #marker #function)
}

/// For an `impl` under `#[require_auth]` too, which writes the marker beside itself.
pub(crate) fn items(
    args: TokenStream,
    item: TokenStream,
    place: &Place<'_>,
    refusals: &mut Refusals,
) -> Items {
    let function = match Function::parse(item.clone(), PUBLIC) {
        Ok(function) => function,
        Err(error) => {
            refusals.add(error);
            return Items { marker: TokenStream::new(), function: item };
        }
    };
    let (auth_layer, mut found) = args::parse(args);
    found.append(check::check(&function));
    if found.is_empty() {
        return emit::items(&function, &auth_layer, place);
    }
    refusals.append(found);
    emit::despite_refusal(&function, &auth_layer)
}
