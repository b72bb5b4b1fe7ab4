//! The items in the braces of a module or an `impl`, as tokens: what is no handler is never parsed.

use std::collections::VecDeque;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::function::{arguments, attributes, braces, mention, names, path};

/// One item, or what stands between two.
#[derive(Debug)]
pub(super) struct Piece(Vec<TokenTree>);

/// What an item is, by the word that it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Function { is_async: bool, is_private: bool },
    Module,
    Impl,
    Struct,
    Other,
}

/// Cuts the tokens of a body into its items.
pub(super) fn pieces(tokens: TokenStream) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    let mut tokens = VecDeque::from_iter(tokens);
    while let Some(tree) = tokens.pop_front() {
        let ends = match &tree {
            // What a macro captured, a `$vis` or an `$item`, is read as it was written.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None && is_before_item(&piece) => {
                let captured: Vec<TokenTree> = group.stream().into_iter().collect();
                captured.into_iter().rev().for_each(|tree| tokens.push_front(tree));
                continue;
            }
            TokenTree::Punct(punct) => punct.as_char() == ';',
            // A constant in angle brackets is in braces too, and goes on.
            body if braces(body).is_some() => {
                !matches!(tokens.front(), Some(TokenTree::Punct(next)) if matches!(next.as_char(), '>' | ','))
            }
            // `#![..]` and `//! ..` are of the place around, and not of the first item.
            TokenTree::Group(group) => group.delimiter() == Delimiter::Bracket && is_inner_attribute(&piece),
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

/// Where an attribute of this name is written within these tokens, at whatever depth.
fn attribute_within(tokens: TokenStream, name: &str) -> Option<Ident> {
    let mut is_attribute = false;
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Group(group) if is_attribute && names(&group, name) => mention(group.stream(), name),
        TokenTree::Group(group) if is_attribute && names(&group, "cfg_attr") => mention(group.stream(), name),
        TokenTree::Group(group) => {
            is_attribute = false;
            attribute_within(group.stream(), name)
        }
        tree => {
            is_attribute = matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '#');
            None
        }
    })
}

impl Piece {
    /// Takes one item as a whole.
    pub(super) fn of(item: TokenStream) -> Self {
        Self(pieces(item).into_iter().flat_map(|piece| piece.0).collect())
    }

    pub(super) fn kind(&self) -> Kind {
        let mut words = self.after_attributes().iter().peekable();
        let is_private = !words.peek().is_some_and(|word| is_word(word, "pub"));
        let mut is_async = false;
        for tree in words {
            match tree {
                TokenTree::Ident(word) if word == "fn" => return Kind::Function { is_async, is_private },
                TokenTree::Ident(word) if word == "mod" => return Kind::Module,
                TokenTree::Ident(word) if word == "impl" => return Kind::Impl,
                TokenTree::Ident(word) if word == "struct" => return Kind::Struct,
                TokenTree::Ident(word) if word == "async" => is_async = true,
                TokenTree::Ident(word) if ["pub", "const", "unsafe", "extern"].iter().any(|w| word == w) => {}
                // `pub(crate)`, `extern "C"`, and `extern $abi` of a macro.
                TokenTree::Group(group)
                    if matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::None) => {}
                TokenTree::Literal(_) => {}
                _ => return Kind::Other,
            }
        }
        Kind::Other
    }

    /// The name after `fn`.
    pub(super) fn name(&self) -> Option<&Ident> {
        let mut trees = self.after_attributes().iter().skip_while(|tree| !is_word(tree, "fn"));
        match trees.nth(1)? {
            TokenTree::Ident(name) => Some(name),
            _ => None,
        }
    }

    /// Takes an attribute of this name away; its arguments.
    pub(super) fn take_attribute(&mut self, name: &str) -> Option<TokenStream> {
        let place = attributes(&self.0).position(|group| names(group, name))?;
        let arguments = attributes(&self.0).nth(place).map(arguments);
        self.0.drain(place * 2..place * 2 + 2);
        arguments
    }

    /// Where an attribute of this name is that [`Piece::has_attribute`] does not see: behind a condition, in
    /// the body of a function, in what a macro is given.
    pub(super) fn hides_attribute(&self, name: &str) -> Option<Ident> {
        let conditional = attributes(&self.0).filter(|group| names(group, "cfg_attr"));
        let mut conditional = conditional.filter_map(|group| mention(group.stream(), name));
        let within = || attribute_within(self.after_attributes().iter().cloned().collect(), name);
        conditional.next().or_else(within)
    }

    /// Whether a macro is called in the place of an item.
    pub(super) fn is_macro(&self) -> bool {
        let mut trees = self.after_attributes().iter();
        matches!(
            trees.find(|tree| !matches!(tree, TokenTree::Ident(_)) && !is_colon(tree)),
            Some(TokenTree::Punct(punct)) if punct.as_char() == '!'
        )
    }

    /// Whether an attribute of this name is above the item.
    pub(super) fn has_attribute(&self, name: &str) -> bool {
        attributes(&self.0).any(|group| names(group, name))
    }

    /// Rewrites the arguments of the first attribute of this name.
    pub(super) fn rewrite_attribute(&mut self, name: &str, rewrite: impl Fn(TokenStream) -> TokenStream) {
        let Some(place) = attributes(&self.0).position(|group| names(group, name)) else { return };
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

    fn after_attributes(&self) -> &[TokenTree] {
        self.0.get(attributes(&self.0).count() * 2..).unwrap_or_default()
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

/// Whether only attributes came so far.
fn is_before_item(piece: &[TokenTree]) -> bool {
    piece.iter().all(|tree| match tree {
        TokenTree::Punct(punct) => punct.as_char() == '#',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Bracket,
        _ => false,
    })
}

fn is_inner_attribute(piece: &[TokenTree]) -> bool {
    matches!(piece, [TokenTree::Punct(hash), TokenTree::Punct(bang)]
        if hash.as_char() == '#' && bang.as_char() == '!')
}

fn is_colon(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ':')
}
