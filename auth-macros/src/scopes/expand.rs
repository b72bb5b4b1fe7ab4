//! The expansion of `scopes!`: a type for each scope and each API, and the macro that finds a scope by its text.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Ident, LitStr, Visibility};

use crate::scopes::args::{Api, Registry, Scope};

pub(super) fn items(registry: &Registry) -> TokenStream {
    let apis = registry.apis.iter().map(|api| api_items(registry, api));
    let lookup = lookup(registry);
    quote! { #(#apis)* #lookup }
}

fn api_items(registry: &Registry, api: &Api) -> TokenStream {
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
    let scopes = api.scopes.iter().map(|scope| scope_items(registry, api, scope));
    // Names the file to the compiler, which compiles again where it has changed.
    let read_again =
        api.read_from.iter().map(|path| quote! { const _: &[u8] = ::core::include_bytes!(#path); });
    quote! { #api_type #api_impl #(#scopes)* #(#read_again)* }
}

fn scope_items(registry: &Registry, api: &Api, scope: &Scope) -> TokenStream {
    let Scope { attributes, name, text } = scope;
    let (visibility, api_name) = (&api.visibility, &api.name);
    let documented = documented(attributes, || format!("The scope `{}` of `{api_name}`.", text.value()));
    let declared_scope = registry.auth_layer.token("DeclaredScope", Span::call_site());
    let scope_type = quote! {
        #documented
        #(#attributes)*
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
    quote! { #scope_type #scope_impl }
}

/// The macro that turns the text of a scope into its type; `#[require_auth]` calls it.
///
/// The caller says where the registry is, since a macro cannot know the module that it stands in.
fn lookup(registry: &Registry) -> TokenStream {
    let exported = registry.apis.iter().any(|api| matches!(api.visibility, Visibility::Public(_)));
    let name = lookup_name(registry);
    let known = registry.scopes().map(|Scope { name, text, .. }| {
        let text = LitStr::new(&text.value(), Span::call_site());
        quote! { (@in [$($registry:tt)*] [$($auth_layer:tt)*] #text) => { $($registry)*::#name }; }
    });
    let passed = registry.scopes().map(|Scope { text, .. }| {
        let text = LitStr::new(&text.value(), Span::call_site());
        quote! {
            (@grants [$($registry:tt)*] [$($auth_layer:tt)*] $handler:ident { $($grants:tt)* } #text $($more:tt)*) => {
                $($registry)*::scope!(@grants [$($registry)*] [$($auth_layer)*] $handler { $($grants)* } $($more)*);
            };
        }
    });
    // What is not known is neither right nor wrong: the one error is that of the definition.
    let unknown = if registry.is_broken {
        quote!($($auth_layer)*::__private::UnknownScope<0>)
    } else {
        let declared = registry.scopes().map(|scope| LitStr::new(&scope.text.value(), Span::call_site()));
        quote!($($auth_layer)*::__private::unknown_scope!([$($auth_layer)*] $unknown, #(#declared),*))
    };
    let reached = reached(registry, exported);
    let root = registry.auth_layer.root();
    let export = exported.then(|| quote!(#[macro_export]));
    let reach = if exported { quote!(pub) } else { quote!(pub(crate)) };
    quote! {
        #[doc(hidden)]
        #export
        #[allow(unused_macros)]
        macro_rules! #name {
            #(#known)*
            (@in [$($registry:tt)*] [$($auth_layer:tt)*] $unknown:tt) => {
                #unknown
            };
            #(#passed)*
            (@grants [$($registry:tt)*] [$($auth_layer:tt)*] $handler:ident { $($grants:tt)* }) => { $($grants)* };
            (@grants [$($registry:tt)*] [$($auth_layer:tt)*] $handler:ident { $($grants:tt)* } $($unknown:tt)+) => {
                #(
                    #[automatically_derived]
                    impl $($auth_layer)*::token::Grants<$($registry)*::#reached> for $handler {}
                )*
            };
            ($scope:tt) => { $crate::scopes::scope!(@in [$crate::scopes] [#root] $scope) };
        }
        #[doc(hidden)]
        #[allow(unused_imports, unreachable_pub)]
        #reach use #name as scope;
    }
}

/// The scopes that a handler can name wherever the macro can be called.
fn reached(registry: &Registry, exported: bool) -> Vec<&Ident> {
    let reached = registry.apis.iter().filter(|api| match api.visibility {
        Visibility::Public(_) => true,
        Visibility::Restricted(_) => !exported,
        Visibility::Inherited => false,
    });
    reached.flat_map(|api| &api.scopes).map(|scope| &scope.name).collect()
}

/// A name for the macro that no other registry of the crate has: exported macros share one namespace.
fn lookup_name(registry: &Registry) -> Ident {
    let files = registry.apis.iter().filter_map(|api| api.definition.as_ref());
    let texts: Vec<String> =
        registry.scopes().map(|scope| &scope.text).chain(files).map(LitStr::value).collect();
    let mut hash: u32 = 0x811C_9DC5;
    for byte in texts.join(" ").bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    let apis: Vec<String> = registry.apis.iter().map(|api| api.name.to_string().to_lowercase()).collect();
    format_ident!("__auth_scope_{}_{hash:08x}", apis.join("_"))
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
