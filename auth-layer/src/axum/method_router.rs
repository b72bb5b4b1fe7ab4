//! What answers the methods of one path: axum's method router, with handlers that say who may call them.

use std::convert::Infallible;
use std::fmt;

use axum::error_handling::HandleError;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, Route};
use http::Method;
use tower_layer::Layer;
use tower_service::Service;

use crate::axum::protected::{Extractors, ProtectedHandler, RunIn};
use crate::axum::routes::Endpoint;
use crate::axum::services::{DeclaredService, RoutableService};

/// axum's method router, which takes only handlers that say who may call them.
///
/// What a method does is what axum's of the same name does; it panics where that does.
/// See the [module docs](super::super).
#[must_use]
pub struct MethodRouter<S = (), E = Infallible> {
    router: axum::routing::MethodRouter<S, E>,
    endpoints: Vec<Endpoint>,
}

impl<S: Clone> MethodRouter<S, Infallible> {
    /// Answers the methods of the filter with this handler.
    #[track_caller]
    pub fn on<H, T>(self, filter: MethodFilter, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        let (router, endpoints) = self.into_parts();
        let router = router.on(filter, handler);
        Self::of(router, endpoints).and(filter, &Endpoint::of_handler::<H, T::First>())
    }

    /// Answers `CONNECT` with this handler.
    #[track_caller]
    pub fn connect<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::CONNECT, handler)
    }

    /// Answers `DELETE` with this handler.
    #[track_caller]
    pub fn delete<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::DELETE, handler)
    }

    /// Answers `GET` with this handler. Answers `HEAD` too, where nothing else does.
    #[track_caller]
    pub fn get<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::GET, handler)
    }

    /// Answers `HEAD` with this handler.
    #[track_caller]
    pub fn head<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::HEAD, handler)
    }

    /// Answers `OPTIONS` with this handler.
    #[track_caller]
    pub fn options<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::OPTIONS, handler)
    }

    /// Answers `PATCH` with this handler.
    #[track_caller]
    pub fn patch<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::PATCH, handler)
    }

    /// Answers `POST` with this handler.
    #[track_caller]
    pub fn post<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::POST, handler)
    }

    /// Answers `PUT` with this handler.
    #[track_caller]
    pub fn put<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::PUT, handler)
    }

    /// Answers `TRACE` with this handler.
    #[track_caller]
    pub fn trace<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::TRACE, handler)
    }

    /// Answers all other methods with this handler.
    pub fn fallback<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        let (router, endpoints) = self.into_parts();
        Self::of(router.fallback(handler), endpoints).or(Endpoint::of_handler::<H, T::First>())
    }

    /// Answers every method with this handler; for `routing::any`.
    pub(super) fn any<H, T>(handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        Self::of(axum::routing::any(handler), vec![Endpoint::of_handler::<H, T::First>()])
    }
}

impl<S: Clone, E> MethodRouter<S, E> {
    /// Returns a method router that answers 405.
    pub fn new() -> Self {
        Self::of(axum::routing::MethodRouter::new(), Vec::new())
    }

    /// Answers the methods of the filter with a service of which it was said who may call it.
    #[track_caller]
    pub fn on_service<D>(self, filter: MethodFilter, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        let (router, endpoints) = self.into_parts();
        let endpoint = Endpoint::of_service(&service);
        let router = router.on_service(filter, service.into_service());
        Self::of(router, endpoints).and(filter, &endpoint)
    }

    /// Answers `CONNECT` with a service of which it was said who may call it.
    #[track_caller]
    pub fn connect_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        self.on_service(MethodFilter::CONNECT, service)
    }

    /// Answers `DELETE` with a service of which it was said who may call it.
    #[track_caller]
    pub fn delete_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        self.on_service(MethodFilter::DELETE, service)
    }

    /// Answers `GET` with a service of which it was said who may call it. Answers `HEAD` too, where nothing else does.
    #[track_caller]
    pub fn get_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        self.on_service(MethodFilter::GET, service)
    }

    /// Answers `HEAD` with a service of which it was said who may call it.
    #[track_caller]
    pub fn head_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        self.on_service(MethodFilter::HEAD, service)
    }

    /// Answers `OPTIONS` with a service of which it was said who may call it.
    #[track_caller]
    pub fn options_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        self.on_service(MethodFilter::OPTIONS, service)
    }

    /// Answers `PATCH` with a service of which it was said who may call it.
    #[track_caller]
    pub fn patch_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        self.on_service(MethodFilter::PATCH, service)
    }

    /// Answers `POST` with a service of which it was said who may call it.
    #[track_caller]
    pub fn post_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        self.on_service(MethodFilter::POST, service)
    }

    /// Answers `PUT` with a service of which it was said who may call it.
    #[track_caller]
    pub fn put_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        self.on_service(MethodFilter::PUT, service)
    }

    /// Answers `TRACE` with a service of which it was said who may call it.
    #[track_caller]
    pub fn trace_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        self.on_service(MethodFilter::TRACE, service)
    }

    /// Answers all other methods with a service of which it was said who may call it.
    pub fn fallback_service<D>(self, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        let (router, endpoints) = self.into_parts();
        let endpoint = Endpoint::of_service(&service);
        let router = router.fallback_service(service.into_service());
        Self::of(router, endpoints).or(endpoint)
    }

    /// Answers every method with this service; for `routing::any_service`.
    pub(super) fn any_service<D>(service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        let endpoint = Endpoint::of_service(&service);
        let router = axum::routing::any_service(service.into_service());
        Self::of(router, vec![endpoint])
    }

    /// Puts a layer around all that is there by now, and around the fallback.
    pub fn layer<L, NewError>(self, layer: L) -> MethodRouter<S, NewError>
    where
        L: Layer<Route<E>> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<NewError> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
        E: 'static,
        S: 'static,
        NewError: 'static,
    {
        MethodRouter::of(self.router.layer(layer), self.endpoints)
    }

    /// Puts a layer around all that is there by now, where a method matches.
    #[track_caller]
    pub fn route_layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route<E>> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error = E> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
        E: 'static,
        S: 'static,
    {
        Self::of(self.router.route_layer(layer), self.endpoints)
    }

    /// Adds what another method router answers.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        let router = self.router.merge(other.router);
        self.endpoints.extend(other.endpoints);
        Self::of(router, self.endpoints)
    }

    /// Makes a response of the errors of a service.
    pub fn handle_error<F, T>(self, handler: F) -> MethodRouter<S, Infallible>
    where
        F: Clone + Send + Sync + 'static,
        HandleError<Route<E>, F, T>: Service<Request, Error = Infallible>,
        <HandleError<Route<E>, F, T> as Service<Request>>::Future: Send,
        <HandleError<Route<E>, F, T> as Service<Request>>::Response: IntoResponse + Send,
        T: 'static,
        E: 'static,
        S: 'static,
    {
        MethodRouter::of(self.router.handle_error(handler), self.endpoints)
    }

    /// Gives the handlers their state.
    pub fn with_state<S2>(self, state: S) -> MethodRouter<S2, E> {
        MethodRouter::of(self.router.with_state(state), self.endpoints)
    }
}

impl<S, E> MethodRouter<S, E> {
    const fn of(router: axum::routing::MethodRouter<S, E>, endpoints: Vec<Endpoint>) -> Self {
        Self { router, endpoints }
    }

    pub(super) fn into_parts(self) -> (axum::routing::MethodRouter<S, E>, Vec<Endpoint>) {
        (self.router, self.endpoints)
    }

    pub(super) const fn inner(&mut self) -> &mut axum::routing::MethodRouter<S, E> {
        &mut self.router
    }

    fn and(mut self, filter: MethodFilter, endpoint: &Endpoint) -> Self {
        let methods = METHODS.iter().filter(|(method, _)| filter.or(*method) == filter);
        self.endpoints.extend(methods.map(|(_, method)| endpoint.with_method(method.clone())));
        self
    }

    fn or(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.retain(|endpoint| endpoint.method.is_some());
        self.endpoints.push(endpoint);
        self
    }
}

// By hand, since a state need not be `Debug`, nor `Default`.
impl<S, E> Clone for MethodRouter<S, E> {
    fn clone(&self) -> Self {
        Self::of(self.router.clone(), self.endpoints.clone())
    }
}

impl<S: Clone, E> Default for MethodRouter<S, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, E> fmt::Debug for MethodRouter<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodRouter").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

/// What a filter may be made of: axum tells of two filters only whether they are the same.
const METHODS: [(MethodFilter, Method); 9] = [
    (MethodFilter::CONNECT, Method::CONNECT),
    (MethodFilter::DELETE, Method::DELETE),
    (MethodFilter::GET, Method::GET),
    (MethodFilter::HEAD, Method::HEAD),
    (MethodFilter::OPTIONS, Method::OPTIONS),
    (MethodFilter::PATCH, Method::PATCH),
    (MethodFilter::POST, Method::POST),
    (MethodFilter::PUT, Method::PUT),
    (MethodFilter::TRACE, Method::TRACE),
];
