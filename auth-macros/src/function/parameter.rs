//! A parameter of a function, and what its type says about a token.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use crate::function::attribute::Attribute;
use crate::function::cut::colon;
use crate::function::written::Written;

/// A parameter: `token: AccessToken`, or `&self`, which may have no type.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) pattern: TokenStream,
    pub(crate) typed: Option<Typed>,
    pub(crate) is_receiver: bool,
}

/// The colon, and the type after it.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    colon: TokenTree,
    pub(crate) ty: Written,
}

/// What a parameter's type says about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mention {
    /// `AccessToken`.
    Token,
    /// `Option<AccessToken>`.
    Optional,
    /// `AccessToken<X>`.
    Typed,
    /// `AccessToken` somewhere within.
    Within,
    /// No token.
    None,
}

impl Parameter {
    pub(super) fn new(tokens: Vec<TokenTree>) -> Self {
        let mut tokens = tokens.into_iter().peekable();
        let attributes = Attribute::leading(&mut tokens);
        let mut pattern: Vec<TokenTree> = tokens.collect();
        let typed = colon(&pattern).and_then(|place| {
            let mut typed = pattern.split_off(place).into_iter();
            Some(Typed { colon: typed.next()?, ty: Written::new(typed.collect()) })
        });
        let is_receiver = matches!(pattern.last(), Some(TokenTree::Ident(last)) if last == "self");
        Self { attributes, pattern: pattern.into_iter().collect(), typed, is_receiver }
    }

    /// Returns its type, of what is no `self`.
    pub(crate) fn ty(&self) -> Option<&Written> {
        self.typed.as_ref().filter(|_| !self.is_receiver).map(|typed| &typed.ty)
    }

    pub(crate) fn mention(&self) -> Mention {
        let Some(ty) = self.ty().filter(|ty| ty.holds(TOKEN)) else { return Mention::None };
        if ty.is_named("Option") {
            Mention::Optional
        } else if ty.is_named_with_arguments(TOKEN) {
            Mention::Typed
        } else if ty.is_named(TOKEN) {
            Mention::Token
        } else {
            Mention::Within
        }
    }

    /// Whether its type is a path that ends in this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.ty().is_some_and(|ty| ty.is_named(name))
    }
}

impl ToTokens for Parameter {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.attributes.iter().for_each(|attribute| attribute.to_tokens(tokens));
        self.pattern.to_tokens(tokens);
        self.typed.to_tokens(tokens);
    }
}

impl ToTokens for Typed {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend([self.colon.clone()]);
        self.ty.to_tokens(tokens);
    }
}

const TOKEN: &str = "AccessToken";
