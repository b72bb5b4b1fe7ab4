//! The inside of macro calls and attributes, where there are tokens and no syntax.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::syntax::{Reader, plain};

/// Finds paths, literals, macro calls, method calls, functions and attributes in a stream.
pub(super) fn read(reader: &mut Reader, stream: TokenStream) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Group(group) => read(reader, group.stream()),
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    reader.literal(text.value(), literal.span());
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                if let Some(name) = tokens.get(at + 1).and_then(attribute) {
                    reader.attribute(plain(&name), name.span());
                }
            }
            TokenTree::Ident(word) if word == "fn" => {
                if let Some(TokenTree::Ident(name)) = tokens.get(at + 1) {
                    reader.function(name);
                }
            }
            TokenTree::Ident(first) => {
                let (segments, next) = path(&tokens, at);
                let is_method =
                    at > 0 && is_punct(&tokens, at - 1, '.') && !(at > 1 && is_punct(&tokens, at - 2, '.'));
                if is_method && segments.len() == 1 && is_called(&tokens, next) {
                    reader.call(plain(first), None, first.span());
                } else if is_punct(&tokens, next, '!') && !is_punct(&tokens, next + 1, '=') {
                    reader.macro_call(segments.last().cloned().unwrap_or_default(), first.span());
                }
                reader.path(segments, first.span());
                at = next;
                continue;
            }
            TokenTree::Punct(_) => {}
        }
        at += 1;
    }
}

/// Tells whether arguments, or `::<..>` before them, follow.
fn is_called(tokens: &[TokenTree], at: usize) -> bool {
    match tokens.get(at) {
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
        _ => is_punct(tokens, at, ':') && is_punct(tokens, at + 1, ':'),
    }
}

/// Reads `a::b::c` from `start`, and returns where it ends.
fn path(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let mut segments = Vec::new();
    let mut at = start;
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        segments.push(plain(name));
        at += 1;
        let goes_on = is_punct(tokens, at, ':')
            && is_punct(tokens, at + 1, ':')
            && matches!(tokens.get(at + 2), Some(TokenTree::Ident(_)));
        if !goes_on {
            break;
        }
        at += 2;
    }
    (segments, at)
}

fn is_punct(tokens: &[TokenTree], at: usize, expected: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == expected)
}

fn attribute(token: &TokenTree) -> Option<proc_macro2::Ident> {
    let TokenTree::Group(group) = token else { return None };
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    match group.stream().into_iter().next() {
        Some(TokenTree::Ident(name)) => Some(name),
        _ => None,
    }
}
