//! The macros of auth-layer; use them through `auth_layer`, which re-exports them.

mod fallback;
mod paths;
mod require_auth;
mod scope_grammar;
mod scopes;
mod suggest;

use proc_macro::TokenStream;

/// Lets only authenticated requests reach a handler.
#[proc_macro_attribute]
pub fn require_auth(args: TokenStream, item: TokenStream) -> TokenStream {
    require_auth::expand(args.into(), item.into()).into()
}

/// Declares the scopes of an API.
#[proc_macro]
pub fn scopes(tokens: TokenStream) -> TokenStream {
    scopes::expand(tokens.into()).into()
}

/// Reports the text of a scope that no API declares; called by what `scopes!` writes.
#[doc(hidden)]
#[proc_macro]
pub fn unknown_scope(tokens: TokenStream) -> TokenStream {
    scopes::unknown(tokens.into()).into()
}
