//! What a module or an `impl` requires of all its handlers, unless they say otherwise.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::require_auth::keys::family;

/// Adds the defaults to a handler's own arguments: a key of its own takes the place of the same key.
///
/// The tokens are only carried: what is wrong with them is said where they are parsed.
pub(super) fn merged(own: TokenStream, defaults: &TokenStream) -> TokenStream {
    let own = arguments(own);
    let said: Vec<String> = own.iter().filter_map(|argument| key(argument)).collect();
    let is_said = |argument: &[TokenTree]| {
        key(argument).is_some_and(|key| said.iter().any(|said| family(said) == family(&key)))
    };
    let more = arguments(defaults.clone()).into_iter().filter(|argument| !is_said(argument.as_slice()));
    let all = own.into_iter().chain(more).map(TokenStream::from_iter);
    quote!(#(#all),*)
}

/// The arguments between the commas.
fn arguments(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut arguments = vec![Vec::new()];
    for tree in tokens {
        match (&tree, arguments.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => arguments.push(Vec::new()),
            (_, Some(argument)) => argument.push(tree),
            (_, None) => {}
        }
    }
    arguments.retain(|argument| !argument.is_empty());
    arguments
}

fn key(argument: &[TokenTree]) -> Option<String> {
    match argument.first()? {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}
