//! Which handlers the guarded router takes: those whose first extractor says who may call.
//!
//! axum's `Handler<T, S>` names the extractors of a handler in `T`, so the first of them is known to the
//! compiler.

use std::convert::Infallible;

use axum::extract::{FromRequest, FromRequestParts};
use http::request::Parts;

use crate::axum::access::{Access, Protection};
use crate::axum::public::{Public, PublicHandler};
use crate::extract::Guard;
use crate::gate::Session;
use crate::token::{AccessToken, NoRequirement, Requirement, User, rule_of};

/// A handler that says who may call it; `First` is its first extractor.
///
/// Implemented for each handler whose first extractor is what `#[require_auth]` or `#[public]` put there, or
/// a [`Session`], or a [`User`], which refuse a stranger.
/// An `Option` of these refuses nobody, and an `AccessToken` that no attribute typed says nothing: a
/// handler with one of them needs an attribute.
/// It cannot be implemented elsewhere.
#[diagnostic::on_unimplemented(
    message = "this route is not protected: its handler does not say who may call it",
    label = "a handler without `#[require_auth]` or `#[public]`",
    note = "only those who are logged in: put `#[auth_layer::require_auth]` above the handler; anyone: `#[auth_layer::public]`",
    note = "a closure has no attributes: make it an `async fn`; a handler of the whole `Request` names its token before that: `(token: AccessToken, request: Request)`"
)]
pub trait ProtectedHandler<First> {
    /// What `First` does with a stranger, which axum has to run.
    type Check;

    #[doc(hidden)]
    const PROTECTION: Protection;
}

#[diagnostic::do_not_recommend]
impl<H, First: SaysWhoMayCall> ProtectedHandler<First> for H {
    type Check = First::Check;

    const PROTECTION: Protection = First::PROTECTION;
}

/// An extractor that stands first in a handler and says who may call it: what the attributes put there,
/// and [`Session`] and [`User`], which refuse a stranger.
///
/// Deliberately not exported: what an extractor of the application's own lets through, nobody can judge.
pub trait SaysWhoMayCall {
    /// [`Check`] for each; here, so that a handler without one is told only that, and nothing of its check.
    type Check;
    const PROTECTION: Protection;
}

impl<P: Requirement> SaysWhoMayCall for AccessToken<P> {
    type Check = Check;
    const PROTECTION: Protection = Protection::required(rule_of::<P>());
}

/// With one implementation to choose from, rustc takes an `AccessToken` without an attribute for one of a
/// requirement, and blames the route instead of its handler; so there are two, and this one is of nothing.
impl<'a> SaysWhoMayCall for AccessToken<NoRequirement>
where
    &'a NoRequirement: SaysNothing,
{
    type Check = Check;
    const PROTECTION: Protection = <&'a NoRequirement as SaysNothing>::PROTECTION;
}

/// Implemented nowhere, and nobody else can name it.
trait SaysNothing {
    const PROTECTION: Protection;
}

impl<P: Requirement> SaysWhoMayCall for Guard<P> {
    type Check = Check;
    const PROTECTION: Protection = Protection::required(rule_of::<P>());
}

impl<P: PublicHandler> SaysWhoMayCall for Public<P> {
    type Check = Check;
    const PROTECTION: Protection = Protection::public(P::NAME);
}

impl SaysWhoMayCall for Session {
    type Check = Check;
    const PROTECTION: Protection = Protection::unnamed(Access::Session);
}

impl SaysWhoMayCall for User {
    type Check = Check;
    const PROTECTION: Protection = Protection::unnamed(Access::User);
}

/// The check of a first extractor, as this crate implements it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Check;

/// A check that axum runs for the extractors `T`; it cannot be implemented elsewhere.
///
/// axum reads the last extractor of a handler with `FromRequest`, and anyone may implement that for a type
/// of this crate and a state of their own: where the last is also the first, such an implementation could
/// stand in for the check.
/// axum marks in `T` which implementation it is, and only its mark for one of `FromRequestParts` passes:
/// that is this crate's.
#[diagnostic::on_unimplemented(
    message = "this route is not protected: the check of its extractor would not run",
    label = "axum would run an `impl FromRequest` of another crate in its place",
    note = "remove the `impl FromRequest` for a type of `auth_layer`",
    note = "a helper of your own over handlers asks for all of it: `H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>`"
)]
pub trait RunIn<T> {
    #[doc(hidden)]
    const SEAL: Seal;
}

#[diagnostic::do_not_recommend]
impl<M, A> RunIn<(M, A)> for Check
where
    FromPartsAlone: FromRequest<(), M>,
{
    const SEAL: Seal = Seal;
}

/// Has axum's own implementation of `FromRequest`, and no other: nobody else can name it.
#[derive(Debug)]
pub struct FromPartsAlone;

impl FromRequestParts<()> for FromPartsAlone {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, (): &()) -> Result<Self, Infallible> {
        Ok(Self)
    }
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

#[diagnostic::do_not_recommend]
impl Extractors for ((),) {
    type First = NoExtractor;
    const SEAL: Seal = Seal;
}

macro_rules! extractors {
    ($first:ident $($rest:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<M, $first, $($rest),*> Extractors for (M, $first, $($rest),*) {
            type First = $first;
            const SEAL: Seal = Seal;
        }
        extractors!(@run $first $($rest)*);
        extractors!(@shorter $first $($rest)*);
    };
    // The first of several is read from the parts, whatever the mark, which is of the last.
    (@run $first:ident) => {};
    (@run $first:ident $($rest:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $first, $($rest),+> RunIn<(M, $first, $($rest),+)> for Check {
            const SEAL: Seal = Seal;
        }
    };
    (@shorter $first:ident) => {};
    (@shorter $first:ident $last:ident $($rest:ident)*) => { extractors!($first $($rest)*); };
}

// As many as axum's handlers may have.
extractors!(A B C D E F G H I J K L N O P Q);
