//! The attribute above an `impl`: its handlers are methods, and what is written for them stands beside it.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{ItemImpl, Type};

use crate::fallback::{self, Refusals};
use crate::function::{Attribute, Function, PUBLIC, REQUIRE_AUTH};
use crate::public;
use crate::require_auth::args::Args;
use crate::require_auth::body::{Kind, Piece, pieces};
use crate::require_auth::defaults::merged;
use crate::require_auth::model::{Block, Model};
use crate::require_auth::module::refuse_out_of_reach;
use crate::require_auth::{check, expand as emit, module};

/// Guards the methods of an `impl`: of a trait's all async ones, of a type's own those that say so.
pub(super) fn expand(defaults: &TokenStream, item: &TokenStream, refusals: &mut Refusals) -> TokenStream {
    let block = match Block::parse(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            refusals.add(error);
            return item.clone();
        }
    };
    let mut beside = TokenStream::new();
    let mut whole = Piece::of(item.clone());
    whole.rewrite_body(|body| {
        let methods =
            pieces(body).into_iter().map(|piece| method(&block, defaults, piece, &mut beside, refusals));
        quote!(#(#methods)*)
    });
    quote!(#beside #whole)
}

/// Whether a handler is in the braces of an `impl`.
pub(super) fn has_handlers(block: &Piece) -> bool {
    block.body().is_some_and(|body| pieces(body).iter().any(|piece| piece.has_attribute(REQUIRE_AUTH)))
}

/// Refuses what others call in an `impl` without handlers: as of a type's own functions, and a method over
/// a request, such as tonic calls.
pub(super) fn refuse_forgotten(block: &Piece, refusals: &mut Refusals) {
    let Ok(Block { name, is_of_trait, .. }) = Block::parse(block.to_token_stream()) else { return };
    for piece in block.body().into_iter().flat_map(pieces) {
        let Kind::Function { is_async: true, is_private } = piece.kind() else { continue };
        let is_called = match is_of_trait {
            true => takes_self(&piece) && takes_a_request(&piece),
            false => !is_private && !takes_self(&piece) && !makes(&piece, &name),
        };
        if is_called && !piece.has_attribute(PUBLIC) {
            module::refuse_forgotten(&piece, refusals);
        }
    }
}

fn method(
    block: &Block,
    defaults: &TokenStream,
    mut piece: Piece,
    beside: &mut TokenStream,
    refusals: &mut Refusals,
) -> TokenStream {
    refuse_out_of_reach(defaults, &piece, refusals);
    let Kind::Function { is_async, is_private } = piece.kind() else {
        if block.is_of_trait && piece.is_macro() {
            refusals.at(&piece, "the methods that a macro writes here cannot be guarded: write them out");
        }
        return piece.into_token_stream();
    };
    let own = match piece.take_attribute(REQUIRE_AUTH) {
        Some(own) => own,
        None if piece.has_attribute(PUBLIC) => {
            let args = piece.take_attribute(PUBLIC).unwrap_or_default();
            // A trait's method is called with a request, and nothing is put before that.
            if block.is_of_trait {
                return piece.into_token_stream();
            }
            let place = public::Place { block: Some(&block.name), cfg: &block.cfg };
            let public::Items { marker, function } =
                public::items(args, piece.into_token_stream(), &place, refusals);
            beside.extend(marker);
            return function;
        }
        None if block.is_of_trait && (is_async || returns_a_future(&piece) || takes_a_request(&piece)) => {
            TokenStream::new()
        }
        None => {
            if is_async && !is_private && !takes_self(&piece) {
                module::refuse_forgotten(&piece, refusals);
            }
            return piece.into_token_stream();
        }
    };
    let function = match Function::parse(piece.to_token_stream(), REQUIRE_AUTH) {
        Ok(function) => function,
        Err(error) => return fallback::unchanged(piece.into_token_stream(), error),
    };
    let (args, wrong) = Args::parse(merged(own, defaults));
    refusals.append(wrong);
    let model = Model::of(&args, &function, Some(block));
    let found = check::check(&model);
    if args.is_refused || !found.is_empty() {
        refusals.append(found);
        return emit::despite_refusal(&model);
    }
    let items = emit::items(&model);
    beside.extend(items.requirement);
    items.function
}

impl Block {
    fn parse(item: TokenStream) -> syn::Result<Self> {
        let mut header: Vec<TokenTree> = item.into_iter().collect();
        header.pop();
        let attributes = Attribute::of(header.iter().cloned());
        let header = TokenStream::from_iter(header);
        let ItemImpl { trait_, self_ty, .. } = syn::parse2(quote!(#header {}))?;
        let last = |path: &syn::Path| path.segments.last().map(|segment| segment.ident.unraw().to_string());
        let own = match bare(&self_ty) {
            Type::Path(path) => last(&path.path),
            _ => None,
        };
        let own = own.unwrap_or_default();
        // Both, since a type may serve two traits, and a trait two types, that have a method of one name.
        let (name, shown) = match trait_.as_ref().and_then(|(path, _)| last(path)) {
            Some(of_trait) => (format!("{own}{of_trait}"), format!("<{own} as {of_trait}>")),
            None => (own.clone(), own),
        };
        let cfg = attributes.into_iter().filter(|attribute| attribute.is("cfg")).collect();
        Ok(Self { name, shown, is_of_trait: trait_.is_some(), cfg })
    }
}

/// The type without the invisible group that a `$token:ty` of a `macro_rules!` puts around it.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        _ => ty,
    }
}

/// What `#[tonic::async_trait]` makes of an async method: it was there first, and that is refused.
fn returns_a_future(piece: &Piece) -> bool {
    function(piece).is_some_and(|function| function.returns("Future"))
}

fn takes_self(piece: &Piece) -> bool {
    function(piece).is_some_and(|function| function.receiver().is_some())
}

/// Whether a function makes a value of its own type, which is no answer to a request.
fn makes(piece: &Piece, own: &str) -> bool {
    function(piece).is_some_and(|function| function.returns("Self") || function.returns(own))
}

fn takes_a_request(piece: &Piece) -> bool {
    function(piece).is_some_and(|function| function.parameters.iter().any(|one| one.is_named("Request")))
}

fn function(piece: &Piece) -> Option<Function> {
    Function::parse(piece.to_token_stream(), REQUIRE_AUTH).ok()
}
