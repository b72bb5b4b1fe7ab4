//! The expansion of `#[public]`: a marker type, and the function with the marker first.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use crate::function::{Attribute, Function};
use crate::paths::AuthLayer;

/// What stands beside the function, and the function.
pub(crate) struct Items {
    pub(crate) marker: TokenStream,
    pub(crate) function: TokenStream,
}

/// Where the function stands: in an `impl` that is named, and has attributes that decide whether it exists.
#[derive(Debug, Default)]
pub(crate) struct Place<'a> {
    pub(crate) block: Option<&'a str>,
    pub(crate) cfg: &'a [Attribute],
}

pub(super) fn items(function: &Function, auth_layer: &AuthLayer, place: &Place<'_>) -> Items {
    let marker = function.marker(place.block);
    let public_handler = auth_layer.private("PublicHandler", Span::call_site());
    let cfg: Vec<&Attribute> = place.cfg.iter().chain(function.cfg()).collect();
    let visibility = &function.visibility;
    let name = function.shown(place.block);
    let doc = format!("Anyone may call `{name}`.");
    let marker_type = quote! {
        #[doc = #doc]
        #[doc(hidden)]
        #(#cfg)*
        #[allow(dead_code, unreachable_pub)]
        #[derive(Debug)]
        #visibility struct #marker;
    };
    let name = quote! {
        #(#cfg)*
        #[automatically_derived]
        impl #public_handler for #marker {
            const NAME: &'static str = ::core::concat!(::core::module_path!(), "::", #name);
        }
    };
    Items {
        marker: quote! { #marker_type #name },
        function: marked(function, auth_layer, &marker.to_token_stream()),
    }
}

/// Emits the function alone, marked: it stands beside a compile error.
pub(super) fn despite_refusal(function: &Function, auth_layer: &AuthLayer) -> Items {
    let refused = auth_layer.private("Refused", Span::call_site());
    Items { marker: TokenStream::new(), function: marked(function, auth_layer, &refused) }
}

fn marked(function: &Function, auth_layer: &AuthLayer, marker: &TokenStream) -> TokenStream {
    let public = auth_layer.private("Public", Span::call_site());
    let mut function = function.clone();
    function.take_ours();
    function.make_async();
    if function.receiver().is_none() {
        function.put_first(quote!(_: #public<#marker>));
    }
    function.into_token_stream()
}
