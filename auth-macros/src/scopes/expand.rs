//! The expansion of `scopes!`: a type for each scope and each API; the macros beside them are [`lookup`]'s.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::scopes::args::{Api, Registry, Scope};
use crate::scopes::includes::Includes;
use crate::scopes::lookup;

pub(super) fn items(registry: &Registry, includes: &Includes) -> TokenStream {
    let apis = registry.apis.iter().map(|api| api_items(registry, includes, api));
    let lookup = lookup::items(registry, includes);
    quote! { #(#apis)* #lookup }
}

fn api_items(registry: &Registry, includes: &Includes, api: &Api) -> TokenStream {
    let Api { attributes, visibility, name, .. } = api;
    let documented = documented(attributes, || format!("The API `{name}`."));
    let audience = audience(api);
    let texts = api.scopes.iter().map(|scope| &scope.text);
    let api_type = quote! {
        #documented
        #(#attributes)*
        #[allow(dead_code)]
        #[derive(Clone, Copy, Debug)]
        #visibility struct #name;
    };
    let api_impl = quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #name {
            /// The audience of the API; `None` is the configured one.
            pub const AUDIENCE: ::core::option::Option<&'static str> = #audience;
            /// The scopes that the API declares.
            pub const SCOPES: &'static [&'static str] = &[#(#texts),*];
        }
    };
    let scopes = api.scopes.iter().map(|scope| scope_items(registry, includes, api, scope));
    // Names the file to the compiler, which compiles again where it has changed.
    let read_again =
        api.read_from.iter().map(|path| quote! { const _: &[u8] = ::core::include_bytes!(#path); });
    quote! { #api_type #api_impl #(#scopes)* #(#read_again)* }
}

fn scope_items(registry: &Registry, includes: &Includes, api: &Api, scope: &Scope) -> TokenStream {
    let Scope { attributes, name, text, .. } = scope;
    let (visibility, api_name) = (&api.visibility, &api.name);
    let documented = documented(attributes, || format!("The scope `{}` of `{api_name}`.", text.value()));
    let declared_scope = registry.auth_layer.token("DeclaredScope", Span::call_site());
    let line = included_line(includes, name).map(|line| quote!(#[doc = ""] #[doc = #line]));
    let scope_type = quote! {
        #documented
        #(#attributes)*
        #line
        #[allow(dead_code)]
        #[derive(Clone, Copy, Debug)]
        #visibility struct #name;
    };
    let scope_impl = quote! {
        #[automatically_derived]
        impl #declared_scope for #name {
            const NAME: &'static str = #text;
            const AUDIENCE: ::core::option::Option<&'static str> = #api_name::AUDIENCE;
        }
    };
    let including = registry.auth_layer.token("Includes", Span::call_site());
    let included = includes.of(name).enumerate().map(|(place, included)| {
        quote! {
            #[automatically_derived]
            impl<P> #including<P, #place> for #name {
                type Scope = #included;
            }
        }
    });
    quote! { #scope_type #scope_impl #(#included)* }
}

fn audience(api: &Api) -> TokenStream {
    api.audience.as_ref().map_or_else(
        || quote!(::core::option::Option::None),
        |audience| quote!(::core::option::Option::Some(#audience)),
    )
}

/// A line of documentation where the user wrote none, for crates that deny `missing_docs`.
fn documented(attributes: &[syn::Attribute], line: impl FnOnce() -> String) -> Option<TokenStream> {
    if attributes.iter().any(|attribute| attribute.path().is_ident("doc")) {
        return None;
    }
    let line = line();
    Some(quote!(#[doc = #line]))
}

/// What a scope includes, as a line of its documentation.
fn included_line(includes: &Includes, name: &syn::Ident) -> Option<String> {
    let names: Vec<String> = includes.of(name).map(|included| format!("[`{included}`]")).collect();
    (!names.is_empty()).then(|| format!(" Includes {}.", names.join(", ")))
}
