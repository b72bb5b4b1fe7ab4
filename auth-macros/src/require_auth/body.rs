//! The items in the braces of a module or an `impl`, as tokens: what is no handler is never parsed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// One item, or what stands between two.
#[derive(Debug)]
pub(super) struct Piece(pub(super) Vec<TokenTree>);

/// What an item is, by the word that it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Function { is_async: bool, is_private: bool },
    Module,
    Impl,
    Other,
}

/// Cuts the tokens of a body into its items.
pub(super) fn pieces(tokens: TokenStream) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(tree) = tokens.next() {
        let ends = match &tree {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            // A constant in angle brackets is in braces too, and goes on.
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                !matches!(tokens.peek(), Some(TokenTree::Punct(next)) if matches!(next.as_char(), '>' | ','))
            }
            _ => false,
        };
        piece.push(tree);
        if ends {
            pieces.push(Piece(std::mem::take(&mut piece)));
        }
    }
    if !piece.is_empty() {
        pieces.push(Piece(piece));
    }
    pieces
}

impl Piece {
    pub(super) fn kind(&self) -> Kind {
        let mut words = self.after_attributes().iter().peekable();
        let is_private = !words.peek().is_some_and(|word| is_word(word, "pub"));
        let mut is_async = false;
        for tree in words {
            match tree {
                TokenTree::Ident(word) if word == "fn" => return Kind::Function { is_async, is_private },
                TokenTree::Ident(word) if word == "mod" => return Kind::Module,
                TokenTree::Ident(word) if word == "impl" => return Kind::Impl,
                TokenTree::Ident(word) if word == "async" => is_async = true,
                TokenTree::Ident(word) if ["pub", "const", "unsafe", "extern"].iter().any(|w| word == w) => {}
                // `pub(crate)`, `extern "C"`.
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {}
                TokenTree::Literal(_) => {}
                _ => return Kind::Other,
            }
        }
        Kind::Other
    }

    /// The name after `fn`.
    pub(super) fn name(&self) -> Option<&proc_macro2::Ident> {
        let mut trees = self.after_attributes().iter().skip_while(|tree| !is_word(tree, "fn"));
        match trees.nth(1)? {
            TokenTree::Ident(name) => Some(name),
            _ => None,
        }
    }

    /// Takes an attribute of this name away; its arguments.
    pub(super) fn take_attribute(&mut self, name: &str) -> Option<TokenStream> {
        let place = self.attributes().position(|(_, group)| names(group, name))?;
        let arguments = self.0.get(place * 2 + 1).and_then(|tree| match tree {
            TokenTree::Group(group) => Some(arguments(group)),
            _ => None,
        });
        self.0.drain(place * 2..place * 2 + 2);
        arguments
    }

    /// Whether an attribute of this name is above the item.
    pub(super) fn has_attribute(&self, name: &str) -> bool {
        self.attributes().any(|(_, group)| names(group, name))
    }

    /// Rewrites the arguments of the first attribute of this name.
    pub(super) fn rewrite_attribute(&mut self, name: &str, rewrite: impl Fn(TokenStream) -> TokenStream) {
        let Some(place) = self.attributes().position(|(_, group)| names(group, name)) else { return };
        if let Some(TokenTree::Group(group)) = self.0.get_mut(place * 2 + 1) {
            let (path, rewritten) = (path(group), rewrite(arguments(group)));
            let mut attribute = Group::new(Delimiter::Bracket, quote!(#(#path)* (#rewritten)));
            attribute.set_span(group.span());
            *group = attribute;
        }
    }

    /// Rewrites what is in the braces at the end.
    pub(super) fn rewrite_body(&mut self, rewrite: impl FnOnce(TokenStream) -> TokenStream) {
        if let Some(TokenTree::Group(group)) = self.0.last_mut()
            && group.delimiter() == Delimiter::Brace
        {
            let mut body = Group::new(Delimiter::Brace, rewrite(group.stream()));
            body.set_span(group.span());
            *group = body;
        }
    }

    pub(super) fn body(&self) -> Option<TokenStream> {
        match self.0.last()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
            _ => None,
        }
    }

    /// The attributes that the item begins with: `#` and what is in its brackets.
    fn attributes(&self) -> impl Iterator<Item = (&TokenTree, &Group)> {
        self.0.chunks(2).map_while(|pair| match pair {
            [hash @ TokenTree::Punct(punct), TokenTree::Group(group)]
                if punct.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
            {
                Some((hash, group))
            }
            _ => None,
        })
    }

    fn after_attributes(&self) -> &[TokenTree] {
        self.0.get(self.attributes().count() * 2..).unwrap_or_default()
    }
}

impl ToTokens for Piece {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().cloned());
    }
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

/// The path of an attribute.
fn path(attribute: &Group) -> Vec<TokenTree> {
    attribute
        .stream()
        .into_iter()
        .take_while(|tree| match tree {
            TokenTree::Ident(_) => true,
            TokenTree::Punct(punct) => punct.as_char() == ':',
            _ => false,
        })
        .collect()
}

/// Whether the path of an attribute ends in this name.
fn names(attribute: &Group, name: &str) -> bool {
    path(attribute).last().is_some_and(|last| is_word(last, name))
}

/// What is in the parentheses of an attribute.
fn arguments(attribute: &Group) -> TokenStream {
    attribute
        .stream()
        .into_iter()
        .find_map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
            _ => None,
        })
        .unwrap_or_default()
}
