//! Attributes as tokens: their paths are read, their arguments are carried.

use std::iter::Peekable;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;

/// `#` and what is in its brackets.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    hash: TokenTree,
    brackets: Group,
}

impl Attribute {
    /// Returns those that an item begins with.
    pub(crate) fn of(item: impl IntoIterator<Item = TokenTree>) -> Vec<Self> {
        Self::leading(&mut item.into_iter().peekable())
    }

    /// Takes those that the tokens begin with.
    pub(crate) fn leading(tokens: &mut Peekable<impl Iterator<Item = TokenTree>>) -> Vec<Self> {
        let mut attributes = Vec::new();
        while let Some(hash) = tokens.next_if(is_hash) {
            let Some(TokenTree::Group(brackets)) = tokens.next() else { break };
            attributes.push(Self { hash, brackets });
        }
        attributes
    }

    /// Whether its path ends in this name.
    pub(crate) fn names(&self, name: &str) -> bool {
        names(&self.brackets, name)
    }

    /// Whether its path is this one word; rustc reads `r#cfg` as `cfg`, too.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(&*path(&self.brackets), [TokenTree::Ident(word)] if word.unraw() == name)
    }
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend([self.hash.clone(), self.brackets.clone().into()]);
    }
}

/// The attributes that an item begins with: `#` and what is in its brackets.
pub(crate) fn attributes(item: &[TokenTree]) -> impl Iterator<Item = &Group> {
    item.chunks(2).map_while(|pair| match pair {
        [hash, TokenTree::Group(group)] if is_hash(hash) && group.delimiter() == Delimiter::Bracket => {
            Some(group)
        }
        _ => None,
    })
}

/// Whether the path of an attribute ends in this name; rustc reads `r#public` as `public`, too.
pub(crate) fn names(attribute: &Group, name: &str) -> bool {
    matches!(path(attribute).last(), Some(TokenTree::Ident(last)) if last.unraw() == name)
}

/// The path of an attribute.
pub(crate) fn path(attribute: &Group) -> Vec<TokenTree> {
    let is_of_path = |tree: &TokenTree| match tree {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    };
    inside(attribute).into_iter().take_while(is_of_path).collect()
}

/// What is in the parentheses of an attribute, which may be other brackets; what is in none is an error for
/// the parser to find.
pub(crate) fn arguments(attribute: &Group) -> TokenStream {
    let rest: Vec<TokenTree> = inside(attribute).into_iter().skip(path(attribute).len()).collect();
    match rest.as_slice() {
        [TokenTree::Group(group)] => group.stream(),
        _ => rest.into_iter().collect(),
    }
}

/// What is in the brackets of an attribute: a macro may have captured it, and another macro what that was
/// made of.
fn inside(group: &Group) -> Vec<TokenTree> {
    let mut inside = Vec::new();
    for tree in group.stream() {
        match tree {
            TokenTree::Group(captured) if captured.delimiter() == Delimiter::None => {
                inside.extend(self::inside(&captured));
            }
            tree => inside.push(tree),
        }
    }
    inside
}

fn is_hash(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '#')
}

/// Where a word is, at whatever depth.
pub(crate) fn mention(tokens: TokenStream, word: &str) -> Option<Ident> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) => (ident.unraw() == word).then_some(ident),
        TokenTree::Group(group) => mention(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}
