//! The attribute above a module: what it requires is the default of the handlers within.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::fallback::Refusals;
use crate::function::{PUBLIC, REQUIRE_AUTH};
use crate::require_auth::block;
use crate::require_auth::body::{Kind, Piece, pieces};
use crate::require_auth::defaults::merged;

/// Hands the defaults to each `#[require_auth]` in the module and in those within it.
pub(super) fn expand(defaults: &TokenStream, mut module: Piece, refusals: &mut Refusals) -> TokenStream {
    if module.body().is_none() {
        refusals.at(
            &module,
            "the handlers of a module in a file of its own cannot be reached from here: write `mod name { .. }`, or `#[require_auth]` above each handler",
        );
    }
    module.rewrite_body(|body| handlers(defaults, body, refusals));
    module.into_token_stream()
}

fn handlers(defaults: &TokenStream, body: TokenStream, refusals: &mut Refusals) -> TokenStream {
    let items = pieces(body).into_iter().map(|mut piece| {
        if piece.has_attribute(REQUIRE_AUTH) {
            piece.rewrite_attribute(REQUIRE_AUTH, |own| merged(own, defaults));
            return piece.into_token_stream();
        }
        match piece.kind() {
            Kind::Function { is_async: true, is_private: false } if !piece.has_attribute(PUBLIC) => {
                refuse_forgotten(&piece, refusals);
            }
            Kind::Module => piece.rewrite_body(|body| handlers(defaults, body, refusals)),
            Kind::Impl if block::has_handlers(&piece) => {
                return block::expand(defaults, &piece.into_token_stream(), refusals);
            }
            _ => {}
        }
        piece.into_token_stream()
    });
    quote!(#(#items)*)
}

/// In a place whose handlers are guarded, one that says nothing was forgotten.
pub(super) fn refuse_forgotten(piece: &Piece, refusals: &mut Refusals) {
    if let Some(name) = piece.name() {
        let message = format!(
            "`{name}` says nothing of who may call it: write `#[require_auth]` above it, or `#[auth_layer::public]`; a function that is no handler is private"
        );
        refusals.at(name, message);
    }
}
