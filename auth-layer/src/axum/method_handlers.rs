//! The handlers of a method router.

use std::convert::Infallible;

use axum::handler::Handler;
use axum::routing::MethodFilter;

use crate::axum::method_router::MethodRouter;
use crate::axum::protected::{Extractors, ProtectedHandler};
use crate::axum::routes::Endpoint;

impl<S: Clone> MethodRouter<S, Infallible> {
    /// Answers the methods of the filter with this handler.
    #[track_caller]
    pub fn on<H, T>(self, filter: MethodFilter, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
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
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::CONNECT, handler)
    }

    /// Answers `DELETE` with this handler.
    #[track_caller]
    pub fn delete<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::DELETE, handler)
    }

    /// Answers `GET` with this handler. Answers `HEAD` too, where nothing else does.
    #[track_caller]
    pub fn get<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::GET, handler)
    }

    /// Answers `HEAD` with this handler.
    #[track_caller]
    pub fn head<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::HEAD, handler)
    }

    /// Answers `OPTIONS` with this handler.
    #[track_caller]
    pub fn options<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::OPTIONS, handler)
    }

    /// Answers `PATCH` with this handler.
    #[track_caller]
    pub fn patch<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::PATCH, handler)
    }

    /// Answers `POST` with this handler.
    #[track_caller]
    pub fn post<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::POST, handler)
    }

    /// Answers `PUT` with this handler.
    #[track_caller]
    pub fn put<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::PUT, handler)
    }

    /// Answers `TRACE` with this handler.
    #[track_caller]
    pub fn trace<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        self.on(MethodFilter::TRACE, handler)
    }

    /// Answers all other methods with this handler.
    pub fn fallback<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        let (router, endpoints) = self.into_parts();
        Self::of(router.fallback(handler), endpoints).or(Endpoint::of_handler::<H, T::First>())
    }

    /// Answers every method with this handler; for `routing::any`.
    pub(super) fn any<H, T>(handler: H) -> Self
    where
        H: Handler<T, S> + ProtectedHandler<T::First>,
        T: Extractors + 'static,
        S: Send + Sync + 'static,
    {
        Self::of(axum::routing::any(handler), vec![Endpoint::of_handler::<H, T::First>()])
    }
}
