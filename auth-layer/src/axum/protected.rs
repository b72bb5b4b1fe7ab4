//! Which handlers the guarded router takes: those whose first extractor says who may call.
//!
//! axum's `Handler<T, S>` names the extractors of a handler in `T`, so the first of them is known to the
//! compiler.

use crate::axum::access::{Access, Protection};
use crate::axum::public::{Public, PublicHandler};
use crate::extract::Guard;
use crate::gate::Session;
use crate::token::{AccessToken, Requirement, Rule, User};

/// A handler that says who may call it; `First` is its first extractor.
///
/// Implemented for each handler whose first extractor [`SaysWhoMayCall`], and for no other: it cannot be
/// implemented elsewhere.
#[diagnostic::on_unimplemented(
    message = "this route is not protected: its handler does not say who may call it",
    label = "a handler without `#[require_auth]` or `#[public]`",
    note = "only those who are logged in: put `#[auth_layer::require_auth]` above the handler; anyone: `#[auth_layer::public]`",
    note = "a closure has no attributes: make it an `async fn`"
)]
pub trait ProtectedHandler<First> {
    #[doc(hidden)]
    const PROTECTION: Protection;
}

#[diagnostic::do_not_recommend]
impl<H, First: SaysWhoMayCall> ProtectedHandler<First> for H {
    const PROTECTION: Protection = <First as KnownToAuthLayer>::PROTECTION;
}

/// An extractor that stands first in a handler and says who may call it.
///
/// What `#[require_auth]` and `#[public]` put there, and [`Session`] and [`User`], which refuse a stranger.
/// An `Option` of these refuses nobody, and an `AccessToken` that no attribute typed says nothing: a
/// handler with one of them needs an attribute.
/// It cannot be implemented elsewhere: what an extractor of your own lets through, nobody can judge.
/// See [`danger_guarded_elsewhere`](super::danger_guarded_elsewhere).
pub trait SaysWhoMayCall: KnownToAuthLayer {}

#[diagnostic::do_not_recommend]
impl<E: KnownToAuthLayer> SaysWhoMayCall for E {}

/// The seal of [`SaysWhoMayCall`]: nobody else can name it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot say who may call a handler: nobody can judge whom it lets through",
    label = "an extractor that is not of auth-layer",
    note = "put `#[auth_layer::require_auth]` or `#[auth_layer::public]` above the handler, which may take `{Self}` as well",
    note = "for a handler that authenticates its callers by `{Self}` alone, `auth_layer::axum::danger_guarded_elsewhere` routes its service"
)]
pub trait KnownToAuthLayer {
    #[doc(hidden)]
    const PROTECTION: Protection;
}

impl<P: Requirement> KnownToAuthLayer for AccessToken<P> {
    const PROTECTION: Protection = Protection::required(Place::<P>::RULE);
}

impl<P: Requirement> KnownToAuthLayer for Guard<P> {
    const PROTECTION: Protection = Protection::required(Place::<P>::RULE);
}

impl<P: PublicHandler> KnownToAuthLayer for Public<P> {
    const PROTECTION: Protection = Protection::public(P::NAME);
}

impl KnownToAuthLayer for Session {
    const PROTECTION: Protection = Protection::unnamed(Access::Session);
}

impl KnownToAuthLayer for User {
    const PROTECTION: Protection = Protection::unnamed(Access::User);
}

/// Where the rule of `P` is in the program.
struct Place<P>(P);

impl<P: Requirement> Place<P> {
    const RULE: &'static Rule = &P::RULE;
}

/// axum's list of a handler's extractors, `T` of its `Handler<T, S>`; it cannot be implemented elsewhere.
#[diagnostic::on_unimplemented(
    message = "this route is not protected: what it answers with does not say who may call it",
    label = "put an `async fn` with `#[auth_layer::require_auth]` or `#[auth_layer::public]` into the route",
    note = "a value that is an answer by itself has no attribute, nor has a router"
)]
pub trait Extractors {
    /// The one that runs before all others.
    type First;

    #[doc(hidden)]
    const SEAL: Seal;
}

/// The seal of [`Extractors`]: nobody else can name it.
#[derive(Debug)]
pub struct Seal;

/// What a handler without parameters has for a first extractor.
#[derive(Debug)]
#[non_exhaustive]
pub struct NoExtractor;

impl Extractors for ((),) {
    type First = NoExtractor;
    const SEAL: Seal = Seal;
}

macro_rules! extractors {
    ($first:ident $($rest:ident)*) => {
        impl<M, $first, $($rest),*> Extractors for (M, $first, $($rest),*) {
            type First = $first;
            const SEAL: Seal = Seal;
        }
        extractors!(@shorter $first $($rest)*);
    };
    (@shorter $first:ident) => {};
    (@shorter $first:ident $last:ident $($rest:ident)*) => { extractors!($first $($rest)*); };
}

// As many as axum's handlers may have.
extractors!(A B C D E F G H I J K L N O P Q);
