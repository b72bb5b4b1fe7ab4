//! What the attribute means for this function; borrows the tokens that were parsed.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{
    Attribute, FnArg, GenericArgument, Ident, LitStr, PatType, Path, PathArguments, ReturnType, Signature,
    Type, TypePath,
};

use crate::function::Function;
use crate::paths::AuthLayer;
use crate::require_auth::args::Args;
use crate::require_auth::values::{Entry, List};

/// A handler and its requirement.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) args: &'a Args,
    pub(super) function: &'a Function,
    /// The `impl` whose attribute it is that reads this.
    pub(super) block: Option<&'a Block>,
    pub(super) form: Form,
    /// Where the parameter `token: AccessToken` stands.
    pub(super) token: Option<usize>,
    pub(super) scopes: Vec<Required<'a>>,
    pub(super) any_scopes: Vec<Required<'a>>,
    pub(super) auth_layer: AuthLayer,
}

/// An `impl` with the attribute above it.
#[derive(Debug)]
pub(super) struct Block {
    /// What the types of its handlers begin with: its own name and the trait's.
    pub(super) name: String,
    /// As a path has it: `Shop`, `<Shelf as Shop>`.
    pub(super) shown: String,
    pub(super) is_of_trait: bool,
    pub(super) cfg: Vec<Attribute>,
}

/// How the handler is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// By axum, through extractors.
    Extractors,
    /// With a request of `http`'s or `tonic`'s, which is the parameter at this place: the first after
    /// `self`, or it is refused.
    Request(usize),
}

/// A scope, with the name that its type has within the expansion.
#[derive(Debug)]
pub(super) struct Required<'a> {
    pub(super) entry: &'a Entry,
    pub(super) alias: Ident,
    /// Whether the token grants it.
    pub(super) is_granted: bool,
}

impl<'a> Required<'a> {
    /// The path that has its name by a `use`, which brings the macro beside the type as well.
    pub(super) fn imported(&self) -> Option<(&Ident, &'a Path)> {
        match self.entry {
            Entry::Type(path) if self.is_granted => Some((&self.alias, path)),
            _ => None,
        }
    }
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

impl<'a> Model<'a> {
    pub(super) fn of(args: &'a Args, function: &'a Function, block: Option<&'a Block>) -> Self {
        let Signature { inputs, output, .. } = &function.signature;
        let first = usize::from(function.signature.receiver().is_some());
        let request = match inputs.get(first) {
            Some(FnArg::Typed(parameter)) if is_named(&parameter.ty, "Request") => Some(first),
            _ => inputs.iter().position(|input| is_request_of_tonic(input, output)),
        };
        let form = request.map_or(Form::Extractors, Form::Request);
        let token = inputs.iter().position(|input| mention(input) == Mention::Token);
        Self {
            args,
            function,
            block,
            form,
            token,
            scopes: required(args.scopes.as_ref(), true),
            any_scopes: required(args.any_scopes.as_ref(), false),
            auth_layer: args.auth_layer(),
        }
    }

    /// Returns the name of the type that stands for the requirement: `ProductsHandler` for `products`.
    pub(super) fn marker(&self) -> Ident {
        self.function.marker(self.block.map(|block| block.name.as_str()))
    }

    /// Returns what the log calls the handler, within its module.
    pub(super) fn name(&self) -> String {
        self.function.name(self.block.map(|block| block.shown.as_str()))
    }

    /// Returns the attributes that decide whether the handler exists.
    pub(super) fn cfg(&self) -> impl Iterator<Item = &'a Attribute> {
        self.block.into_iter().flat_map(|block| &block.cfg).chain(self.function.cfg())
    }

    /// Returns the place of the first parameter that is not `self`.
    pub(super) fn first(&self) -> usize {
        usize::from(self.function.signature.receiver().is_some())
    }

    /// Whether this is a method of a service, and `#[tonic::async_trait]` was there first.
    pub(super) fn is_made_by_tonic(&self) -> bool {
        matches!(self.form, Form::Request(_))
            && self.function.signature.receiver().is_some()
            && self.function.signature.asyncness.is_none()
            && holds(&self.function.signature.output, "Pin")
    }

    /// Whether a trait declares what this is called with.
    pub(super) fn is_of_trait(&self) -> bool {
        self.block.is_some_and(|block| block.is_of_trait)
    }

    pub(super) fn required(&self) -> impl Iterator<Item = &Required<'a>> {
        self.scopes.iter().chain(&self.any_scopes)
    }

    /// Returns the type of a scope: its path, or what the registry finds for its text.
    pub(super) fn scope_type(&self, entry: &Entry) -> TokenStream {
        match entry {
            Entry::Type(path) => path.to_token_stream(),
            Entry::Text(text) => {
                let text = cooked(text);
                let (registry, root) = (self.registry(text.span()), self.auth_layer.root());
                quote_spanned!(text.span()=> #registry::scope!(#text [#registry] [#root]))
            }
        }
    }

    /// Returns the module whose `scope!` knows the texts.
    pub(super) fn registry(&self, span: Span) -> TokenStream {
        self.args
            .registry
            .as_ref()
            .map_or_else(|| quote_spanned!(span=> crate::scopes), ToTokens::to_token_stream)
    }
}

impl Entry {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Text(text) => text.span(),
            Self::Type(path) => {
                path.segments.last().map_or_else(Span::call_site, |segment| segment.ident.span())
            }
        }
    }

    /// Returns how the user wrote it, for errors.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Text(text) => text.value(),
            Self::Type(path) => {
                let segments: Vec<String> =
                    path.segments.iter().map(|segment| segment.ident.to_string()).collect();
                segments.join("::")
            }
        }
    }
}

pub(crate) fn mention(input: &FnArg) -> Mention {
    let FnArg::Typed(PatType { ty, .. }) = input else { return Mention::None };
    if !mentions(ty, TOKEN) {
        return Mention::None;
    }
    if is_named(ty, "Option") {
        return Mention::Optional;
    }
    match bare(ty) {
        Type::Path(path) if is_named(ty, TOKEN) => match path.path.segments.last() {
            Some(segment) if segment.arguments == PathArguments::None => Mention::Token,
            _ => Mention::Typed,
        },
        _ => Mention::Within,
    }
}

/// Whether a type is a path that ends in this name.
pub(super) fn is_named(ty: &Type, name: &str) -> bool {
    matches!(bare(ty), Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == name))
}

/// Whether a name is anywhere in a type: without a look at the tokens of what most types are, since that
/// takes as long as the rest of the expansion.
fn mentions(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Path(TypePath { qself: None, path, .. }) => path.segments.iter().any(|segment| {
            segment.ident == name
                || match &segment.arguments {
                    PathArguments::None => false,
                    PathArguments::AngleBracketed(arguments) => {
                        arguments.args.iter().any(|argument| match argument {
                            GenericArgument::Type(ty) => mentions(ty, name),
                            other => holds(other, name),
                        })
                    }
                    arguments => holds(arguments, name),
                }
        }),
        Type::Reference(reference) => mentions(&reference.elem, name),
        Type::Group(group) => mentions(&group.elem, name),
        other => holds(other, name),
    }
}

/// Whether a parameter is a `Request` of tonic's: by its path, or else by what is returned, since a
/// handler of axum's may take the whole `Request` too.
fn is_request_of_tonic(input: &FnArg, output: &ReturnType) -> bool {
    let FnArg::Typed(PatType { ty, .. }) = input else { return false };
    let Type::Path(path) = bare(ty) else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Request" && !last.arguments.is_empty())
        && (holds(ty, "tonic") || holds(output, "Status") && !holds(ty, "Body"))
}

/// The type without the invisible group that a `$token:ty` of a `macro_rules!` puts around it.
pub(super) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        _ => ty,
    }
}

/// A raw string says the same and is another token, which would not match.
pub(super) fn cooked(text: &LitStr) -> LitStr {
    LitStr::new(&text.value(), text.span())
}

fn required(list: Option<&List>, is_granted: bool) -> Vec<Required<'_>> {
    let entries = list.into_iter().flat_map(|list| &list.entries).enumerate();
    let named = entries.map(|(place, entry)| {
        // The user's own span: from one of the expansion's rustc would point at the whole attribute.
        let prefix = match entry {
            _ if !is_granted => "__AuthAnyScope",
            Entry::Text(_) => "__AuthScope",
            // rustc says it, where what is named is no type.
            Entry::Type(_) => "RequiredScope",
        };
        Required { entry, alias: Ident::new(&format!("{prefix}{place}"), entry.span()), is_granted }
    });
    named.collect()
}

/// Whether a name or a keyword is anywhere within.
pub(super) fn holds(tokens: &impl ToTokens, name: &str) -> bool {
    tokens.to_token_stream().into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => holds(&group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

const TOKEN: &str = "AccessToken";
