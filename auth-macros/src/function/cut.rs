//! Where to cut tokens apart: what is between angle brackets belongs together, and is no group.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// How deep in angle brackets a reader is.
#[derive(Debug, Default)]
pub(super) struct Angles {
    depth: usize,
    /// The last one was the `-` of `->`, or the `=` of `=>`.
    is_in_arrow: bool,
}

impl Angles {
    /// Reads on, and returns whether this token is in none.
    pub(super) fn is_outside(&mut self, tree: &TokenTree) -> bool {
        let was_outside = self.depth == 0;
        let TokenTree::Punct(punct) = tree else {
            self.is_in_arrow = false;
            return was_outside;
        };
        match punct.as_char() {
            '<' => self.depth += 1,
            '>' if !self.is_in_arrow => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.is_in_arrow = matches!(punct.as_char(), '-' | '=') && punct.spacing() == Spacing::Joint;
        was_outside
    }
}

/// Cuts at the commas.
pub(super) fn at_commas(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut parts, mut part, mut angles) = (Vec::new(), Vec::new(), Angles::default());
    for tree in tokens {
        let is_comma = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ',');
        if angles.is_outside(&tree) && is_comma {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(tree);
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Finds the colon between a pattern and its type, which is none of a `::`.
pub(super) fn colon(tokens: &[TokenTree]) -> Option<usize> {
    let (mut angles, mut is_second) = (Angles::default(), false);
    tokens.iter().enumerate().position(|(place, tree)| {
        let is_one = angles.is_outside(tree) && is_colon(tree) && !is_second;
        is_second = is_one
            && matches!(tree, TokenTree::Punct(first) if first.spacing() == Spacing::Joint)
            && tokens.get(place + 1).is_some_and(is_colon);
        is_one && !is_second
    })
}

/// Returns the braces of a body, which a macro may have captured as a `$body:block`.
pub(crate) fn braces(tree: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = tree else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => {
            let mut captured = group.stream().into_iter();
            let alone = captured.next().filter(|_| captured.next().is_none());
            braces(&alone?)
        }
        Delimiter::Parenthesis | Delimiter::Bracket => None,
    }
}

fn is_colon(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ':')
}

/// Whether a name or a keyword is anywhere within.
pub(super) fn holds(tokens: impl IntoIterator<Item = TokenTree>, name: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => holds(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
