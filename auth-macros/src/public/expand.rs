//! The expansion of `#[public]`: a marker type, and the function with the marker first.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Token, parse_quote_spanned};

use crate::function::{Function, PUBLIC, REQUIRE_AUTH, is_attribute};
use crate::paths::AuthLayer;

pub(super) fn items(function: &Function, auth_layer: &AuthLayer) -> TokenStream {
    let marker = function.marker();
    let public_handler = auth_layer.private("PublicHandler", Span::call_site());
    let (visibility, cfg) = (&function.visibility, function.cfg().collect::<Vec<_>>());
    let name = function.signature.ident.unraw().to_string();
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
    let function = marked(function, auth_layer, &marker.to_token_stream());
    quote! { #marker_type #name #function }
}

/// Emits the function alone, marked: it stands beside a compile error.
pub(super) fn despite_refusal(function: &Function, auth_layer: &AuthLayer) -> TokenStream {
    marked(function, auth_layer, &auth_layer.private("Refused", Span::call_site()))
}

fn marked(function: &Function, auth_layer: &AuthLayer, marker: &TokenStream) -> TokenStream {
    let public = auth_layer.private("Public", Span::call_site());
    let mut function = function.clone();
    // Of a refused item only: a second expansion would repeat the errors.
    let is_ours = |attribute: &_| is_attribute(attribute, REQUIRE_AUTH) || is_attribute(attribute, PUBLIC);
    function.attributes.retain(|attribute| !is_ours(attribute));
    function.signature.asyncness.get_or_insert_with(<Token![async]>::default);
    if function.signature.receiver().is_none() {
        let first = parse_quote_spanned!(Span::call_site()=> _: #public<#marker>);
        function.signature.inputs.insert(0, first);
    }
    function.into_token_stream()
}
