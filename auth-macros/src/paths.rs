//! The paths that an expansion names: absolute, so that nothing in the user's scope can shadow them.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

/// Where auth-layer is found: `::auth_layer`, or what `crate = path` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuthLayer(Option<Path>);

impl AuthLayer {
    pub(crate) const fn at(path: Path) -> Self {
        Self(Some(path))
    }

    /// Returns the path of an item in `auth_layer::token`, with the given span.
    pub(crate) fn token(&self, item: &str, span: Span) -> TokenStream {
        self.item("token", item, span)
    }

    /// Returns the path of an item in `auth_layer::__private`, with the given span.
    pub(crate) fn private(&self, item: &str, span: Span) -> TokenStream {
        self.item("__private", item, span)
    }

    /// Returns the path of the crate.
    pub(crate) fn root(&self) -> TokenStream {
        self.0.as_ref().map_or_else(|| quote!(::auth_layer), ToTokens::to_token_stream)
    }

    fn item(&self, module: &str, item: &str, span: Span) -> TokenStream {
        let module = syn::Ident::new(module, span);
        let item = syn::Ident::new(item, span);
        self.0.as_ref().map_or_else(
            || quote_spanned!(span=> ::auth_layer::#module::#item),
            |root| quote_spanned!(span=> #root::#module::#item),
        )
    }
}
