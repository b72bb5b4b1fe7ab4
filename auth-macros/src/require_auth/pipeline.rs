//! The stages of `#[require_auth]`, in their order.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

use crate::fallback::{self, Refusals};
use crate::function::{Function, REQUIRE_AUTH};
use crate::require_auth::args::Args;
use crate::require_auth::body::{Kind, Piece};
use crate::require_auth::check_args::check_args;
use crate::require_auth::keys::REFUSED;
use crate::require_auth::model::Model;
use crate::require_auth::{block, check, expand as emit, module, token_type};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let piece = Piece::of(item.clone());
    match piece.kind() {
        Kind::Module => around(args, |defaults, refusals| module::expand(defaults, piece, refusals)),
        Kind::Impl => around(args, |defaults, refusals| block::expand(defaults, &item, refusals)),
        Kind::Struct => token_type::expand(args, piece.into_token_stream()),
        _ => above_function(args, item),
    }
}

fn above_function(args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match Function::parse(item.clone(), REQUIRE_AUTH) {
        Ok(function) => function,
        Err(error) => return fallback::unchanged(item, error),
    };
    let (args, mut refusals) = Args::parse(args);
    let model = Model::of(&args, &function, None);
    if args.is_refused {
        return emit::despite_refusal(&model);
    }
    refusals.append(check::check(&model));
    match refusals.into_compile_errors() {
        Some(mut errors) => {
            errors.extend(emit::despite_refusal(&model));
            errors
        }
        None => {
            let emit::Items { requirement, function } = emit::items(&model);
            quote!(#requirement #function)
        }
    }
}

/// Judges the defaults once, and not with every handler that they are handed to.
fn around(args: TokenStream, within: impl FnOnce(&TokenStream, &mut Refusals) -> TokenStream) -> TokenStream {
    let (defaults, mut refusals) = Args::parse(args.clone());
    check_args(&defaults, &mut refusals);
    let refused = syn::Ident::new(REFUSED, proc_macro2::Span::call_site());
    let defaults = if refusals.is_empty() { args } else { quote!(#refused) };
    let items = within(&defaults, &mut refusals);
    let errors = refusals.into_compile_errors();
    quote!(#errors #items)
}
