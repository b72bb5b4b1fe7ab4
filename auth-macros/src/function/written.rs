//! A type as it is written: its name is read, and nothing else of it.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use crate::function::cut::{Angles, holds};
use crate::function::written_at;

/// The tokens of a type.
#[derive(Clone, Debug)]
pub(crate) struct Written(Vec<TokenTree>);

/// What a path ends in.
struct End<'a> {
    name: &'a Ident,
    has_arguments: bool,
}

impl Written {
    /// Takes the tokens of a type, without the invisible group that a `$token:ty` of a `macro_rules!` puts
    /// around it.
    pub(super) fn new(mut tokens: Vec<TokenTree>) -> Self {
        while let [TokenTree::Group(captured)] = &*tokens
            && captured.delimiter() == Delimiter::None
        {
            tokens = captured.stream().into_iter().collect();
        }
        Self(tokens)
    }

    /// Whether it is a path that ends in this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.end().is_some_and(|end| end.name == name)
    }

    /// Whether it is a path that ends in this name and has arguments for it: `Request<List>`.
    pub(crate) fn is_named_with_arguments(&self, name: &str) -> bool {
        self.end().is_some_and(|end| end.name == name && end.has_arguments)
    }

    /// Whether a name or a keyword is anywhere within.
    pub(crate) fn holds(&self, name: &str) -> bool {
        holds(self.0.iter().cloned(), name)
    }

    /// Whether it begins with this keyword.
    pub(crate) fn begins_with(&self, keyword: &str) -> bool {
        matches!(self.0.first(), Some(TokenTree::Ident(word)) if word == keyword)
    }

    /// Where it begins.
    pub(crate) fn span(&self) -> Span {
        self.0.first().map_or_else(Span::call_site, TokenTree::span)
    }

    /// Adds an argument to a path without one: `AccessToken` becomes `AccessToken<ProductsHandler>`.
    pub(crate) fn with_argument(&self, argument: &impl ToTokens) -> Self {
        let argument = quote_spanned!(written_at(self.span())=> <#argument>);
        Self(self.0.iter().cloned().chain(argument).collect())
    }

    /// Reads the type as a path; a reference, a tuple and `impl Trait` are none.
    fn end(&self) -> Option<End<'_>> {
        let (mut angles, mut end, mut is_after_word) = (Angles::default(), None, false);
        for tree in &self.0 {
            if !angles.is_outside(tree) {
                continue;
            }
            match tree {
                TokenTree::Ident(name) if !is_after_word => end = Some(End { name, has_arguments: false }),
                TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                TokenTree::Punct(punct) if punct.as_char() == '<' => {
                    if let Some(end) = &mut end {
                        end.has_arguments = true;
                    }
                }
                _ => return None,
            }
            is_after_word = matches!(tree, TokenTree::Ident(_));
        }
        end
    }
}

impl ToTokens for Written {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().cloned());
    }
}
