//! What the attribute means for this function; borrows the tokens that were parsed.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Ident, LitStr, Path};

use crate::function::{Attribute, Function, Mention, Parameter};
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

impl<'a> Model<'a> {
    pub(super) fn of(args: &'a Args, function: &'a Function, block: Option<&'a Block>) -> Self {
        let parameters = &function.parameters;
        let first = usize::from(function.receiver().is_some());
        let request = match parameters.get(first) {
            Some(parameter) if parameter.is_named("Request") => Some(first),
            _ => parameters.iter().position(|parameter| is_request_of_tonic(parameter, function)),
        };
        let form = request.map_or(Form::Extractors, Form::Request);
        let token = parameters.iter().position(|parameter| parameter.mention() == Mention::Token);
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
        self.function.shown(self.block.map(|block| block.shown.as_str()))
    }

    /// Returns the attributes that decide whether the handler exists.
    pub(super) fn cfg(&self) -> impl Iterator<Item = &'a Attribute> {
        self.block.into_iter().flat_map(|block| &block.cfg).chain(self.function.cfg())
    }

    /// Returns the place of the first parameter that is not `self`.
    pub(super) fn first(&self) -> usize {
        usize::from(self.function.receiver().is_some())
    }

    /// Whether this is a method of a service, and `#[tonic::async_trait]` was there first.
    pub(super) fn is_made_by_tonic(&self) -> bool {
        matches!(self.form, Form::Request(_))
            && self.function.receiver().is_some()
            && !self.function.is_async()
            && self.function.returns("Pin")
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

/// Whether a parameter is a `Request` of tonic's: by its path, or else by what is returned, since a
/// handler of axum's may take the whole `Request` too.
fn is_request_of_tonic(parameter: &Parameter, function: &Function) -> bool {
    parameter.ty().is_some_and(|ty| {
        ty.is_named_with_arguments("Request")
            && (ty.holds("tonic") || function.returns("Status") && !ty.holds("Body"))
    })
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
