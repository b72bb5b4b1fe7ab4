//! What answers the methods of one path: axum's method router, with handlers that say who may call them.

use std::convert::Infallible;
use std::fmt;

use axum::error_handling::HandleError;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, Route};
use http::Method;
use tower_layer::Layer;
use tower_service::Service;

use crate::axum::routes::Endpoint;

/// axum's method router, which takes only handlers that say who may call them.
///
/// What a method does is what axum's of the same name does; it panics where that does.
/// See the [module docs](super::super).
#[must_use]
pub struct MethodRouter<S = (), E = Infallible> {
    router: axum::routing::MethodRouter<S, E>,
    endpoints: Vec<Endpoint>,
}

impl<S: Clone, E> MethodRouter<S, E> {
    /// Returns a method router that answers 405.
    pub fn new() -> Self {
        Self::of(axum::routing::MethodRouter::new(), Vec::new())
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
    pub(super) const fn of(router: axum::routing::MethodRouter<S, E>, endpoints: Vec<Endpoint>) -> Self {
        Self { router, endpoints }
    }

    pub(super) fn into_parts(self) -> (axum::routing::MethodRouter<S, E>, Vec<Endpoint>) {
        (self.router, self.endpoints)
    }

    pub(super) const fn inner(&mut self) -> &mut axum::routing::MethodRouter<S, E> {
        &mut self.router
    }

    pub(super) fn and(mut self, filter: MethodFilter, endpoint: &Endpoint) -> Self {
        let methods = METHODS.iter().filter(|(method, _)| filter.or(*method) == filter);
        self.endpoints.extend(methods.map(|(_, method)| endpoint.with_method(method.clone())));
        self
    }

    pub(super) fn or(mut self, endpoint: Endpoint) -> Self {
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
