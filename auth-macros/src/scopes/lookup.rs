//! The macros of a registry: from the text of a scope to its type, and to what a handler that requires it grants.
//!
//! # Rules
//! 1. An arm begins with the text: rustc tries one after the other, and leaves a wrong one at its first token.
//! 2. An unknown text is a `literal` of its arm, since rustc takes a `tt` that comes by twice, as of defaults
//!    for two handlers, for the place in the macro.
//! 3. A scope that includes others, or is included, has a macro with the name of its type as well. A `use`
//!    brings both, so that `#[require_auth]` learns from a path what it learns from a text.
//! 4. Each macro adds what it knows and calls the next one, since at the end only is it known which scopes
//!    come twice.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Ident, LitStr, Visibility};

use crate::scopes::args::{Registry, Scope};
use crate::scopes::includes::Includes;

pub(super) fn items(registry: &Registry, includes: &Includes) -> TokenStream {
    let exported = registry.apis.iter().any(|api| matches!(api.visibility, Visibility::Public(_)));
    let lookup = Lookup { registry, includes, exported, name: name(registry) };
    let (types, grants) = (lookup.types(), lookup.grants());
    let beside = registry.scopes().filter(|scope| includes.concern(&scope.name));
    let beside = beside.map(|scope| lookup.beside(scope));
    quote! { #types #grants #(#beside)* }
}

struct Lookup<'a> {
    registry: &'a Registry,
    includes: &'a Includes,
    exported: bool,
    name: Ident,
}

impl Lookup<'_> {
    /// The macro from a text to its type.
    ///
    /// It says that a text is unknown, unless it is asked `again`: a document may name a scope often, and
    /// has one place in the program. It is told where the registry is, since a macro cannot know the module that it stands in.
    fn types(&self) -> TokenStream {
        let known = self.registry.scopes().map(|Scope { name, text, .. }| {
            let text = own(text);
            quote! { (#text [$($registry:tt)*] $auth_layer:tt $($again:tt)?) => { $($registry)*::#name }; }
        });
        let (unknown, root) = (self.unknown(), self.registry.auth_layer.root());
        self.macro_named(
            &self.name,
            &format_ident!("scope"),
            &quote! {
                #(#known)*
                ($unknown:literal [$($registry:tt)*] [$($auth_layer:tt)*]) => { #unknown };
                ($unknown:tt [$($registry:tt)*] [$($auth_layer:tt)*]) => {
                    $($auth_layer)*::__private::unknown_scope!([$($auth_layer)*] $unknown,)
                };
                ($unknown:tt [$($registry:tt)*] [$($auth_layer:tt)*] again) => {
                    $($auth_layer)*::__private::UnknownScope<0>
                };
                ($scope:tt) => { $crate::scopes::scope!($scope [$crate::scopes] [#root]) };
            },
        )
    }

    /// The macro from a text to what it grants.
    fn grants(&self) -> TokenStream {
        let known = self.registry.scopes().map(|scope| {
            let text = own(&scope.text);
            let granted = self.granted(scope, |name| Some(quote!([$($registry)*::#name])));
            arm(quote!(#text [$($registry:tt)*]), &granted)
        });
        // An error already, and what it was meant to grant is not known: all, so that the body adds no other.
        let reached = self.reached();
        let all = arm(quote!($unknown:tt [$($registry:tt)*]), &quote!([#($($registry)*::#reached),*]));
        let name = format_ident!("{}_grants", self.name);
        self.macro_named(&name, &format_ident!("__scope_grants"), &quote!(#(#known)* #all))
    }

    /// The macro that has the name of a scope's type.
    fn beside(&self, scope: &Scope) -> TokenStream {
        let name = format_ident!("{}_of_{}", self.name, scope.name);
        self.macro_named(&name, &scope.name, &arm(quote!(), &self.granted(scope, |_| None)))
    }

    fn macro_named(&self, name: &Ident, called: &Ident, arms: &TokenStream) -> TokenStream {
        let export = self.exported.then(|| quote!(#[macro_export]));
        let reach = if self.exported { quote!(pub) } else { quote!(pub(crate)) };
        quote! {
            #[doc(hidden)]
            #export
            #[allow(unused_macros)]
            macro_rules! #name { #arms }
            #[doc(hidden)]
            #[allow(unused_imports, unreachable_pub)]
            #reach use #name as #called;
        }
    }

    /// What is handed on for a scope: the impl that its handler has written, and where others come with
    /// it, or it with others, the names by which they are told apart, and their paths where those are known.
    fn granted(&self, scope: &Scope, path: impl Fn(&Ident) -> Option<TokenStream>) -> TokenStream {
        if !self.includes.concern(&scope.name) {
            return quote!($grants);
        }
        let key = self.key(&scope.name);
        let included = self.includes.of(&scope.name).map(|name| {
            let (key, path) = (self.key(name), path(name));
            quote!(#key #path)
        });
        quote!((#key $scope $grants #(#included)*))
    }

    /// Tells a scope from every other one, whichever path it is named by.
    fn key(&self, scope: &Ident) -> LitStr {
        let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
        LitStr::new(&format!("{package} {} {scope}", self.name), Span::call_site())
    }

    fn unknown(&self) -> TokenStream {
        // What is not known is neither right nor wrong: the one error is that of the definition.
        if self.registry.is_broken {
            return quote!($($auth_layer)*::__private::UnknownScope<0>);
        }
        let declared = self.registry.scopes().map(|scope| own(&scope.text));
        quote!($($auth_layer)*::__private::unknown_scope!([$($auth_layer)*] $unknown, #(#declared),*))
    }

    /// The scopes that a handler can name wherever the macro can be called.
    fn reached(&self) -> Vec<&Ident> {
        let reached = self.registry.apis.iter().filter(|api| match api.visibility {
            Visibility::Public(_) => true,
            Visibility::Restricted(_) => !self.exported,
            Visibility::Inherited => false,
        });
        reached.flat_map(|api| &api.scopes).map(|scope| &scope.name).collect()
    }
}

/// Takes what was granted so far and what is to be called, adds to the one, and calls the next.
fn arm(question: impl ToTokens, granted: &TokenStream) -> TokenStream {
    quote! {
        (#question $scope:ident $grants:tt [$($granted:tt)*] [$($next:tt)*] [$($asked:tt)*] $($more:tt)*) => {
            $($next)*! { $($asked)* [$($granted)* #granted] $($more)* }
        };
    }
}

/// The text as the program's own token: that of an error would point at the declaration.
fn own(text: &LitStr) -> LitStr {
    LitStr::new(&text.value(), Span::call_site())
}

/// A name for the macro that no other registry of the crate has: exported macros share one namespace.
fn name(registry: &Registry) -> Ident {
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
