//! What a handler grants: each scope that it requires, and what those include.
//!
//! # Rules
//! 1. Of `any_scopes` nothing is granted: which of them the token has is known at run time only.
//! 2. What a scope includes is known where it is declared, so each is asked in turn: a text in the macro of
//!    the registry, a path in the macro beside the type, which a `use` of the path brings along. Where there
//!    is none, as beside an alias, the macro in the block around says that nothing is included.
//! 3. Where a text is unknown, which is an error already, all is granted, so that the body adds no other.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Ident, Path};

use crate::require_auth::demand::{Demand, Required, cooked};
use crate::require_auth::values::Entry;

/// Emits an impl of `Grants` for each scope, where rustc points to when another one is needed.
pub(super) fn granted(demand: &Demand<'_>, marker: &Ident) -> TokenStream {
    let Some((first, more)) = demand.scopes.split_first() else { return TokenStream::new() };
    let (whom, what) = question(demand, marker, first);
    let more = more.iter().map(|scope| {
        let (whom, what) = question(demand, marker, scope);
        quote!([#whom] [#what])
    });
    let (grant, root) = (demand.auth_layer.private("grant", Span::call_site()), demand.auth_layer.root());
    quote_spanned!(first.entry.span()=> #whom! { #what [] #(#more)* [#grant] [[#root] #marker] })
}

/// The macro that is asked for a scope, and what it is asked.
fn question(
    demand: &Demand<'_>,
    marker: &Ident,
    Required { entry, alias, .. }: &Required<'_>,
) -> (TokenStream, TokenStream) {
    let span = entry.span();
    let grants = demand.auth_layer.token("Grants", span);
    let written = quote_spanned! {span=>
        #alias {
            #[automatically_derived]
            impl #grants<#alias> for #marker {
                type WrittenByRequireAuth = ();
            }
        }
    };
    match entry {
        Entry::Text(text) => {
            let (text, registry) = (cooked(text), demand.registry(span));
            (quote_spanned!(span=> #registry::__scope_grants), quote!(#text [#registry] #written))
        }
        Entry::Type(_) => (alias.to_token_stream(), written),
    }
}

/// Puts what is emitted where the scopes that are required by their paths have a name, and a macro to ask.
pub(super) fn with_imports(demand: &Demand<'_>, emitted: TokenStream) -> TokenStream {
    let imported: Vec<(&Ident, &Path)> = demand.scopes.iter().filter_map(Required::imported).collect();
    if imported.is_empty() {
        return emitted;
    }
    let alone = demand.auth_layer.private("scope_alone", Span::call_site());
    let names = imported.iter().map(|(name, _)| name);
    let imports = imported.iter().map(|(name, path)| quote_spanned!(name.span()=> use #path as #name;));
    // Three blocks: a path of one segment is looked for from the inside out, and rustc gives up where a
    // macro in the block of its `use` could still declare it.
    quote! {
        #(#[allow(unused_imports)] use #alone as #names;)*
        const _: () = {
            #(#imports)*
            const _: () = { #emitted };
        };
    }
}
