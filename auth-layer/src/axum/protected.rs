//! Which handlers the guarded router takes: those whose first extractor says who may call.
//!
//! axum's `Handler<T, S>` names the extractors of a handler in `T`, so the first of them is known to the
//! compiler.

use crate::axum::access::{Access, Protection};
use crate::axum::public::{Public, PublicHandler};
use crate::extract::Guard;
use crate::gate::Session;
use crate::token::{AccessToken, Requirement, Rule, User};

/// A handler that says who may call it; `T` is axum's list of its extractors.
///
/// Implemented for each handler whose first extractor [`SaysWhoMayCall`], and for no other: it cannot be
/// implemented elsewhere.
#[diagnostic::on_unimplemented(
    message = "this route is not protected: its handler does not say who may call it",
    label = "a handler without `#[require_auth]` or `#[public]`",
    note = "only those who are logged in: put `#[auth_layer::require_auth]` above the handler; anyone: `#[auth_layer::public]`",
    note = "a closure has no attributes: make it an `async fn`"
)]
pub trait ProtectedHandler<T> {
    #[doc(hidden)]
    const PROTECTION: Protection;
}

#[diagnostic::do_not_recommend]
impl<H, T> ProtectedHandler<T> for H
where
    T: Extractors,
    T::First: SaysWhoMayCall,
{
    const PROTECTION: Protection = <T::First as SaysWhoMayCall>::PROTECTION;
}

/// An extractor that stands first in a handler and says who may call it.
///
/// What `#[require_auth]` and `#[public]` put there, and [`Session`] and [`User`], which refuse a stranger.
/// An `Option` of these refuses nobody, and an `AccessToken` that no attribute typed says nothing: a
/// handler with one of them needs an attribute.
/// It cannot be implemented elsewhere: what an extractor of your own lets through, nobody can judge.
/// See [`danger_guarded_elsewhere`](super::danger_guarded_elsewhere).
pub trait SaysWhoMayCall {
    #[doc(hidden)]
    const PROTECTION: Protection;
}

impl<P: Requirement> SaysWhoMayCall for AccessToken<P> {
    const PROTECTION: Protection = Protection::required(Place::<P>::RULE);
}

impl<P: Requirement> SaysWhoMayCall for Guard<P> {
    const PROTECTION: Protection = Protection::required(Place::<P>::RULE);
}

impl<P: PublicHandler> SaysWhoMayCall for Public<P> {
    const PROTECTION: Protection = Protection::public(P::NAME);
}

impl SaysWhoMayCall for Session {
    const PROTECTION: Protection = Protection::unnamed(Access::Session);
}

impl SaysWhoMayCall for User {
    const PROTECTION: Protection = Protection::unnamed(Access::User);
}

/// Where the rule of `P` is in the program.
struct Place<P>(P);

impl<P: Requirement> Place<P> {
    const RULE: &'static Rule = &P::RULE;
}

/// axum's list of a handler's extractors.
pub(super) trait Extractors {
    /// The one that runs before all others.
    type First;
}

/// A handler without parameters.
pub(super) struct NoExtractor;

impl Extractors for ((),) {
    type First = NoExtractor;
}

macro_rules! extractors {
    ($first:ident $($rest:ident)*) => {
        impl<M, $first, $($rest),*> Extractors for (M, $first, $($rest),*) {
            type First = $first;
        }
        extractors!(@shorter $first $($rest)*);
    };
    (@shorter $first:ident) => {};
    (@shorter $first:ident $last:ident $($rest:ident)*) => { extractors!($first $($rest)*); };
}

// As many as axum's handlers may have.
extractors!(A B C D E F G H I J K L N O P Q);
