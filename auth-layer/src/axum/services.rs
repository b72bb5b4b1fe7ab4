//! Services, and routers of axum's: nobody can judge them, so whoever routes one says who may call it.

use axum::extract::Request;
use axum::response::IntoResponse;
use tower_service::Service;

use crate::axum::access::{Access, Protection};
use crate::axum::router::Router;
use crate::axum::routes::{Endpoint, Routes};

/// Says that anyone may call a service, or any route of a router of axum's: static files, a health check.
///
/// ```
/// use auth_layer::axum::{Router, public_service};
/// # let files = tower::service_fn(async |_: axum::extract::Request| Ok::<_, std::convert::Infallible>("a"));
///
/// let app: Router = Router::new().nest_service("/assets", public_service(files));
/// # drop(app);
/// ```
pub const fn public_service<T>(service: T) -> PublicService<T> {
    PublicService(service)
}

/// Says that a service, or a router of axum's, authenticates its callers itself.
///
/// Nothing here checks that it does; the access table shows it as
/// [`Access::Elsewhere`](super::Access::Elsewhere).
///
/// A handler with an extractor of your own, that checks a signature or a key, is one too:
/// ```
/// use auth_layer::axum::{Router, danger_guarded_elsewhere, routing::post_service};
/// use axum::handler::HandlerWithoutStateExt as _;
/// # struct Signed;
/// # impl<S: Sync> axum::extract::FromRequestParts<S> for Signed {
/// #     type Rejection = http::StatusCode;
/// #     async fn from_request_parts(_: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> { Ok(Self) }
/// # }
///
/// async fn webhook(_: Signed) {}
///
/// let webhook = post_service(danger_guarded_elsewhere(webhook.into_service()));
/// let app: Router = Router::new().route("/webhook", webhook);
/// # drop(app);
/// ```
pub const fn danger_guarded_elsewhere<T>(service: T) -> GuardedElsewhere<T> {
    GuardedElsewhere(service)
}

/// A service that anyone may call. See [`public_service`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct PublicService<T>(T);

/// A service that authenticates its callers itself. See [`danger_guarded_elsewhere`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct GuardedElsewhere<T>(T);

/// A service of which it was said who may call it; it cannot be implemented elsewhere.
#[diagnostic::on_unimplemented(
    message = "this route is not protected: nothing says who may call its service",
    label = "a service has no attribute",
    note = "if anyone may call it, write `public_service(..)` around it; if it authenticates its callers itself, `danger_guarded_elsewhere(..)`; both are in `auth_layer::axum`",
    note = "or call it from a handler with `#[require_auth]`",
    note = "of a `Result`, as `auth.proxy(..)` returns one, take the service first: write `?` behind it"
)]
pub trait DeclaredService {
    /// The service itself.
    type Service;

    #[doc(hidden)]
    fn protection(&self) -> Protection;

    /// Returns the service itself.
    fn into_service(self) -> Self::Service;
}

#[diagnostic::do_not_recommend]
impl<T> DeclaredService for PublicService<T> {
    type Service = T;

    fn protection(&self) -> Protection {
        Protection::unnamed(Access::Public)
    }

    fn into_service(self) -> T {
        self.0
    }
}

#[diagnostic::do_not_recommend]
impl<T> DeclaredService for GuardedElsewhere<T> {
    type Service = T;

    fn protection(&self) -> Protection {
        Protection::unnamed(Access::Elsewhere)
    }

    fn into_service(self) -> T {
        self.0
    }
}

/// A service that axum can route: it is implemented for each of them.
#[diagnostic::on_unimplemented(
    message = "this is no service that can be routed",
    label = "it has to be a `tower::Service` of axum's requests that is `Clone`, and whose error is turned into a response",
    note = "of a `Result`, as `auth.proxy(..)` returns one, take the service first: write `?` behind it"
)]
pub trait RoutableService<E>:
    Service<Request, Error = E, Response: IntoResponse + 'static, Future: Send + 'static>
    + Clone
    + Send
    + Sync
    + 'static
{
}

#[diagnostic::do_not_recommend]
impl<T, E> RoutableService<E> for T where
    T: Service<Request, Error = E, Response: IntoResponse + 'static, Future: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A router whose routes may become part of another's; it cannot be implemented elsewhere.
#[diagnostic::on_unimplemented(
    message = "this router cannot become part of a guarded one",
    label = "nothing says who may call its routes, or its state is another",
    note = "build it with `auth_layer::axum::Router` and `auth_layer::axum::routing`, and give it its own state: `.with_state(..)`",
    note = "for a router of axum's whose routes anyone may call, write `public_service(..)` around it; for one that authenticates its callers itself, `danger_guarded_elsewhere(..)`"
)]
pub trait JoinableRouter<S> {
    #[doc(hidden)]
    fn into_joinable(self) -> Joinable<S>;
}

/// A router, and what is known of its routes.
///
/// Nobody else can name this type, so nobody else can implement the trait that has it.
#[derive(Debug)]
pub struct Joinable<S> {
    pub(super) router: axum::Router<S>,
    pub(super) routes: Routes,
}

#[diagnostic::do_not_recommend]
impl<S> JoinableRouter<S> for Router<S> {
    fn into_joinable(self) -> Joinable<S> {
        let (router, routes) = self.into_parts();
        Joinable { router, routes }
    }
}

#[diagnostic::do_not_recommend]
impl<S, R: Into<axum::Router<S>>> JoinableRouter<S> for PublicService<R> {
    fn into_joinable(self) -> Joinable<S> {
        unlisted::<Self, S>(self)
    }
}

#[diagnostic::do_not_recommend]
impl<S, R: Into<axum::Router<S>>> JoinableRouter<S> for GuardedElsewhere<R> {
    fn into_joinable(self) -> Joinable<S> {
        unlisted::<Self, S>(self)
    }
}

fn unlisted<D, S>(declared: D) -> Joinable<S>
where
    D: DeclaredService<Service: Into<axum::Router<S>>>,
{
    let mut routes = Routes::default();
    routes.add_unlisted(Endpoint::of_service(&declared));
    Joinable { router: declared.into_service().into(), routes }
}
