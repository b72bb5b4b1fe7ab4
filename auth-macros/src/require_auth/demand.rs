//! What is required, whoever requires it: a handler, or a type that stands for a token of one's own.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Ident, LitStr, Path};

use crate::function::Attribute;
use crate::paths::AuthLayer;
use crate::require_auth::args::Args;
use crate::require_auth::values::{Entry, List};

/// A requirement, and what is said of whoever states it.
#[derive(Debug)]
pub(super) struct Demand<'a> {
    pub(super) args: &'a Args,
    pub(super) scopes: Vec<Required<'a>>,
    pub(super) any_scopes: Vec<Required<'a>>,
    pub(super) auth_layer: AuthLayer,
    /// What the log calls it, within its module.
    pub(super) name: String,
    /// The attributes that decide whether it exists.
    pub(super) cfg: Vec<&'a Attribute>,
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

impl<'a> Demand<'a> {
    pub(super) fn of(args: &'a Args, name: String, cfg: Vec<&'a Attribute>) -> Self {
        Self {
            args,
            scopes: required(args.scopes.as_ref(), true),
            any_scopes: required(args.any_scopes.as_ref(), false),
            auth_layer: args.auth_layer(),
            name,
            cfg,
        }
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
