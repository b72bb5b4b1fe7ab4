//! A function, cut into what the attributes read and write.

use std::iter::Peekable;
use std::vec::IntoIter;

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;

use crate::function::attribute::Attribute;
use crate::function::cut::{Angles, at_commas, braces};
use crate::function::parameter::Parameter;
use crate::function::written::Written;

/// A function with an opaque body.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: TokenStream,
    /// `const async unsafe extern "C"`, as far as they are there.
    qualifiers: Vec<TokenTree>,
    pub(crate) fn_token: Ident,
    pub(crate) name: Ident,
    generics: TokenStream,
    /// Where the parentheses of the parameters are.
    parentheses: Span,
    pub(crate) parameters: Vec<Parameter>,
    arrow: TokenStream,
    pub(crate) output: Option<Written>,
    where_clause: TokenStream,
    pub(crate) body: Group,
}

impl Function {
    /// Cuts what stands under the attribute, which is named in the errors.
    pub(crate) fn parse(tokens: TokenStream, attribute: &str) -> syn::Result<Self> {
        let mut tokens = visible(tokens);
        let body = tokens.last().and_then(braces);
        tokens.truncate(tokens.len() - usize::from(body.is_some()));
        let mut tokens = tokens.into_iter().peekable();
        let attributes = Attribute::leading(&mut tokens);
        let visibility = visibility(&mut tokens);
        let signature: TokenStream = match body {
            None => tokens.clone().collect(),
            Some(_) => TokenStream::new(),
        };
        let begin = tokens.peek().map_or_else(Span::call_site, TokenTree::span);
        let no_function = || syn::Error::new(begin, no_function(attribute));
        let qualifiers = taken_while(&mut tokens, is_qualifier);
        let fn_token = word(tokens.next()).filter(|word| word == "fn").ok_or_else(no_function)?;
        let name = word(tokens.next()).ok_or_else(no_function)?;
        let mut angles = Angles::default();
        let generics = taken_while(&mut tokens, |tree| !(angles.is_outside(tree) && is_parentheses(tree)));
        let Some(TokenTree::Group(parameters)) = tokens.next() else { return Err(no_function()) };
        let arrow = taken_while(
            &mut tokens,
            |tree| matches!(tree, TokenTree::Punct(punct) if matches!(punct.as_char(), '-' | '>')),
        );
        let output =
            taken_while(&mut tokens, |tree| !matches!(tree, TokenTree::Ident(word) if word == "where"));
        let Some(body) = body else {
            let message = format!("`#[{attribute}]` goes on a function with a body");
            return Err(syn::Error::new_spanned(signature, message));
        };
        Ok(Self {
            attributes,
            visibility,
            qualifiers,
            fn_token,
            name,
            generics: generics.into_iter().collect(),
            parentheses: parameters.span(),
            parameters: at_commas(parameters.stream()).into_iter().map(Parameter::new).collect(),
            arrow: arrow.into_iter().collect(),
            output: (!output.is_empty()).then(|| Written::new(output)),
            where_clause: tokens.collect(),
            body,
        })
    }

    pub(crate) fn is_async(&self) -> bool {
        self.qualifiers.iter().any(is_async)
    }

    /// Makes it async, if it is not: beside the error that says so, its body then has no other.
    pub(crate) fn make_async(&mut self) {
        if !self.is_async() {
            let after_const = usize::from(
                matches!(self.qualifiers.first(), Some(TokenTree::Ident(first)) if first == "const"),
            );
            self.qualifiers.insert(after_const, Ident::new("async", Span::call_site()).into());
        }
    }

    /// Adds a parameter before all others.
    pub(crate) fn put_first(&mut self, parameter: TokenStream) {
        self.parameters.insert(0, Parameter::new(parameter.into_iter().collect()));
    }

    /// Whether it takes `self`, in whatever form.
    pub(crate) fn receiver(&self) -> Option<&Parameter> {
        self.parameters.first().filter(|first| first.is_receiver)
    }

    /// Whether a name or a keyword is anywhere in what is returned.
    pub(crate) fn returns(&self, name: &str) -> bool {
        self.output.as_ref().is_some_and(|output| output.holds(name))
    }

    /// Returns the name of the type that stands for the function: `ProductsHandler` for `products`, and
    /// `ShopProductsHandler` for `Shop::products`.
    ///
    /// It is what rustc's errors say, so it reads as English.
    pub(crate) fn marker(&self, block: Option<&str>) -> Ident {
        let camel: String = self.name.unraw().to_string().split('_').map(capitalised).collect();
        Ident::new(&format!("{}{camel}Handler", block.unwrap_or_default()), written_at(self.name.span()))
    }

    /// Returns the function's name within its module.
    pub(crate) fn shown(&self, block: Option<&str>) -> String {
        let name = self.name.unraw();
        block.map_or_else(|| name.to_string(), |block| format!("{block}::{name}"))
    }

    /// Returns the attributes that decide whether the item exists; all that is written for it needs them.
    pub(crate) fn cfg(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.is("cfg"))
    }

    /// Takes our own attributes away, of a refused item: a second expansion would repeat the errors.
    pub(crate) fn take_ours(&mut self) {
        self.attributes.retain(|attribute| !attribute.names(REQUIRE_AUTH) && !attribute.names(PUBLIC));
    }

    /// Writes all but the body.
    pub(crate) fn head(&self) -> TokenStream {
        let mut head = TokenStream::new();
        self.attributes.iter().for_each(|attribute| attribute.to_tokens(&mut head));
        head.extend(self.visibility.clone());
        head.extend(self.qualifiers.iter().cloned());
        head.extend([self.fn_token.clone(), self.name.clone()].map(TokenTree::Ident));
        head.extend(self.generics.clone());
        let mut parameters = TokenStream::new();
        for parameter in &self.parameters {
            parameter.to_tokens(&mut parameters);
            parameters.extend([TokenTree::Punct(Punct::new(',', Spacing::Alone))]);
        }
        let mut parameters = Group::new(Delimiter::Parenthesis, parameters);
        parameters.set_span(self.parentheses);
        head.extend([TokenTree::Group(parameters)]);
        head.extend(self.arrow.clone());
        self.output.to_tokens(&mut head);
        head.extend(self.where_clause.clone());
        head
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.head());
        tokens.extend([TokenTree::Group(self.body.clone())]);
    }
}

/// What a macro captured, a `$vis` or an `$item`, is read as it was written.
fn visible(tokens: TokenStream) -> Vec<TokenTree> {
    let mut visible = Vec::new();
    let mut tokens = tokens.into_iter();
    for tree in tokens.by_ref() {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                visible.extend(self::visible(group.stream()));
            }
            tree => {
                let begins = matches!(&tree, TokenTree::Ident(word) if word == "fn");
                visible.push(tree);
                if begins {
                    break;
                }
            }
        }
    }
    visible.extend(tokens);
    visible
}

fn visibility(tokens: &mut Peekable<IntoIter<TokenTree>>) -> TokenStream {
    let word = tokens.next_if(|tree| matches!(tree, TokenTree::Ident(word) if word == "pub"));
    let reach = word.as_ref().and_then(|_| tokens.next_if(is_parentheses));
    word.into_iter().chain(reach).collect()
}

fn taken_while(
    tokens: &mut Peekable<IntoIter<TokenTree>>,
    mut is_meant: impl FnMut(&TokenTree) -> bool,
) -> Vec<TokenTree> {
    std::iter::from_fn(|| tokens.next_if(&mut is_meant)).collect()
}

fn word(tree: Option<TokenTree>) -> Option<Ident> {
    match tree? {
        TokenTree::Ident(word) => Some(word),
        _ => None,
    }
}

fn is_parentheses(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
}

fn is_async(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Ident(word) if word == "async")
}

/// Whether it may stand before `fn`.
fn is_qualifier(tree: &TokenTree) -> bool {
    match tree {
        TokenTree::Ident(word) => ["async", "const", "unsafe", "extern"].iter().any(|known| word == known),
        TokenTree::Literal(_) => true,
        _ => false,
    }
}

fn no_function(attribute: &str) -> &'static str {
    if attribute == PUBLIC {
        "`#[public]` goes on a handler: `async fn home() { .. }`"
    } else {
        "`#[require_auth]` goes on a handler, `async fn products(token: AccessToken) { .. }`, on a `mod` or an `impl` with handlers in it, or on a `struct` that stands for a token of one's own"
    }
}

/// A span that shows where the user wrote, and is known to lints as the attribute's.
pub(crate) fn written_at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The attribute of a handler that requires something of its callers.
pub(crate) const REQUIRE_AUTH: &str = "require_auth";

/// The attribute of a handler that anyone may call.
pub(crate) const PUBLIC: &str = "public";
