//! The attribute above a module: what it requires is the default of the handlers within.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::fallback::Refusals;
use crate::function::{PUBLIC, REQUIRE_AUTH};
use crate::require_auth::block;
use crate::require_auth::body::{Kind, Piece, pieces};
use crate::require_auth::defaults::merged;
use crate::require_auth::keys::REFUSED;

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
        let kind = piece.kind();
        // What is required of requests is nothing to a token that the program asks for itself.
        if kind == Kind::Struct && piece.has_attribute(REQUIRE_AUTH) {
            return piece.into_token_stream();
        }
        if piece.has_attribute(REQUIRE_AUTH) {
            piece.rewrite_attribute(REQUIRE_AUTH, |own| merged(own, defaults));
            if !matches!(kind, Kind::Module | Kind::Impl) {
                refuse_out_of_reach(defaults, &piece, refusals);
            }
            return piece.into_token_stream();
        }
        match kind {
            Kind::Function { is_async: true, is_private: false } if !piece.has_attribute(PUBLIC) => {
                if !refuse_out_of_reach(defaults, &piece, refusals) {
                    refuse_forgotten(&piece, refusals);
                }
            }
            // One in a file of its own is rustc's to refuse, within what an attribute is above.
            Kind::Module => piece.rewrite_body(|body| handlers(defaults, body, refusals)),
            Kind::Impl if block::has_handlers(&piece) => {
                return block::expand(defaults, &piece.into_token_stream(), refusals);
            }
            Kind::Impl => {
                block::refuse_forgotten(&piece, refusals);
                refuse_out_of_reach(defaults, &piece, refusals);
            }
            Kind::Function { .. } | Kind::Struct | Kind::Other => {
                refuse_out_of_reach(defaults, &piece, refusals);
            }
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

/// Refuses a handler that would have less to meet than its place says; whether there is one.
pub(super) fn refuse_out_of_reach(defaults: &TokenStream, piece: &Piece, refusals: &mut Refusals) -> bool {
    if defaults.is_empty() || defaults.to_string() == REFUSED {
        return false;
    }
    let Some(attribute) = piece.hides_attribute(REQUIRE_AUTH) else { return false };
    refusals.at(
        attribute,
        "the defaults of the `mod` or the `impl` around it do not reach this handler: put it directly there, under `#[require_auth]` itself",
    );
    true
}
