//! The guarded router: axum's, with handlers that say who may call them.

use std::convert::Infallible;
use std::fmt;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::IntoResponse;
use axum::routing::{Route, RouterAsService, RouterIntoService};
use tower_layer::Layer;
use tower_service::Service;

use crate::axum::access_table::AccessTable;
use crate::axum::method_router::MethodRouter;
use crate::axum::protected::{Extractors, ProtectedHandler, RunIn};
use crate::axum::routes::{Endpoint, Routes};
use crate::axum::row::Reach;
use crate::axum::services::{DeclaredService, Joinable, JoinableRouter, RoutableService};

/// axum's router, which takes only handlers that say who may call them.
///
/// What a method does is what axum's of the same name does; it panics where that does.
/// See the [module docs](super).
#[must_use]
pub struct Router<S = ()> {
    router: axum::Router<S>,
    routes: Routes,
}

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Returns a router without routes, which answers 404.
    pub fn new() -> Self {
        Self::of(axum::Router::new(), Routes::default())
    }

    /// Returns who may call which route.
    pub fn access_table(&self) -> AccessTable {
        self.routes.table()
    }

    /// Answers a path; [`routing`](super::routing) has the method routers.
    #[track_caller]
    pub fn route(mut self, path: &str, method_router: MethodRouter<S>) -> Self {
        let (method_router, endpoints) = method_router.into_parts();
        let router = self.router.route(path, method_router);
        self.routes.add(path, Reach::Path, endpoints);
        Self::of(router, self.routes)
    }

    /// Answers a path with a service of which it was said who may call it.
    #[track_caller]
    pub fn route_service<D>(mut self, path: &str, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<Infallible>>,
    {
        self.routes.add(path, Reach::Path, vec![Endpoint::of_service(&service)]);
        let router = self.router.route_service(path, service.into_service());
        Self::of(router, self.routes)
    }

    /// Puts the routes of another router below a path.
    #[track_caller]
    pub fn nest<R: JoinableRouter<S>>(mut self, path: &str, router: R) -> Self {
        let Joinable { router, routes } = router.into_joinable();
        let router = self.router.nest(path, router);
        self.routes.nest(path, &routes);
        Self::of(router, self.routes)
    }

    /// Answers a path, and all below it, with a service of which it was said who may call it.
    #[track_caller]
    pub fn nest_service<D>(mut self, path: &str, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<Infallible>>,
    {
        self.routes.add(path, Reach::Subtree, vec![Endpoint::of_service(&service)]);
        let router = self.router.nest_service(path, service.into_service());
        Self::of(router, self.routes)
    }

    /// Adds the routes of another router.
    #[track_caller]
    pub fn merge<R: JoinableRouter<S>>(mut self, other: R) -> Self {
        let Joinable { router, routes } = other.into_joinable();
        let router = self.router.merge(router);
        self.routes.merge(&routes);
        Self::of(router, self.routes)
    }

    /// Puts a layer around all routes that are there by now, and around the fallback.
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self::of(self.router.layer(layer), self.routes)
    }

    /// Puts a layer around all routes that are there by now, where a route matches.
    #[track_caller]
    pub fn route_layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self::of(self.router.route_layer(layer), self.routes)
    }

    /// Returns whether there is a route.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        self.router.has_routes()
    }

    /// Answers what no route matches.
    #[track_caller]
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
    {
        let router = self.router.fallback(handler);
        self.routes.set_fallback(Endpoint::of_handler::<H, T::First>());
        Self::of(router, self.routes)
    }

    /// Answers what no route matches with a service of which it was said who may call it.
    pub fn fallback_service<D>(mut self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<Infallible>>,
    {
        self.routes.set_fallback(Endpoint::of_service(&service));
        let router = self.router.fallback_service(service.into_service());
        Self::of(router, self.routes)
    }

    /// Answers methods that the routes which are there by now do not.
    pub fn method_not_allowed_fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
    {
        let router = self.router.method_not_allowed_fallback(handler);
        self.routes.set_method_not_allowed(&Endpoint::of_handler::<H, T::First>());
        Self::of(router, self.routes)
    }

    /// Takes the fallback away, so that what no route matches is a 404 again.
    pub fn reset_fallback(mut self) -> Self {
        self.routes.reset_fallback();
        Self::of(self.router.reset_fallback(), self.routes)
    }

    /// Gives the handlers their state.
    pub fn with_state<S2>(self, state: S) -> Router<S2> {
        Router { router: self.router.with_state(state), routes: self.routes }
    }

    /// Lets paths have segments that begin with `:` or `*`.
    pub fn without_v07_checks(self) -> Self {
        Self::of(self.router.without_v07_checks(), self.routes)
    }

    /// Returns it as a service of one type of body, for tests that call it.
    pub fn as_service<B>(&mut self) -> RouterAsService<'_, B, S> {
        self.router.as_service()
    }

    /// Turns it into a service of one type of body.
    #[must_use]
    pub fn into_service<B>(self) -> RouterIntoService<B, S> {
        self.router.into_service()
    }

    /// Returns axum's router with the same routes, for code that takes no other.
    ///
    /// What is added to it afterwards is not judged, nor is it in the table.
    pub fn into_axum(self) -> axum::Router<S> {
        self.router
    }
}

impl<S> Router<S> {
    const fn of(router: axum::Router<S>, routes: Routes) -> Self {
        Self { router, routes }
    }

    pub(super) fn into_parts(self) -> (axum::Router<S>, Routes) {
        (self.router, self.routes)
    }

    pub(super) const fn inner(&mut self) -> &mut axum::Router<S> {
        &mut self.router
    }
}

// By hand, since a state need not be `Debug`, nor `Default`.
impl<S> Clone for Router<S> {
    fn clone(&self) -> Self {
        Self::of(self.router.clone(), self.routes.clone())
    }
}

impl<S> Default for Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("routes", &self.routes).finish_non_exhaustive()
    }
}

impl<S> From<Router<S>> for axum::Router<S> {
    fn from(router: Router<S>) -> Self {
        router.router
    }
}
