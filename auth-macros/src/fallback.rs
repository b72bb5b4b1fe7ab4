//! What a macro emits when it refuses: every error at once, and nothing that lights up after them.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The refusals of one expansion, collected.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Option<syn::Error>);

impl Refusals {
    /// Refuses at the user's tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Takes over what another stage refused.
    pub(crate) fn append(&mut self, other: Self) {
        if let Some(error) = other.0 {
            self.add(error);
        }
    }

    /// Returns the errors as tokens, `None` where nothing was refused.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        self.0.map(syn::Error::into_compile_error)
    }
}

/// Emits the item as it was written beside the error.
pub(crate) fn unchanged(item: TokenStream, error: syn::Error) -> TokenStream {
    let mut tokens = error.into_compile_error();
    tokens.extend(item);
    tokens
}
