//! The functions of `axum::routing`: a handler, or a service, for the methods of a path.

use std::convert::Infallible;

use axum::handler::Handler;
pub use axum::routing::{IntoMakeService, MethodFilter, Route, RouterAsService, RouterIntoService, future};

pub use crate::axum::method_router::MethodRouter;
use crate::axum::protected::{Extractors, ProtectedHandler, RunIn};
pub use crate::axum::router::Router;
use crate::axum::services::{DeclaredService, RoutableService};

// Written out for each method, here and in `method_router`: rustc shows the line to whoever forgot an attribute,
// and would show all of a macro.

/// Answers `CONNECT` with this handler.
pub fn connect<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::CONNECT, handler)
}

/// Answers `DELETE` with this handler.
pub fn delete<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::DELETE, handler)
}

/// Answers `GET` with this handler. Answers `HEAD` too, where nothing else does.
pub fn get<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::GET, handler)
}

/// Answers `HEAD` with this handler.
pub fn head<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::HEAD, handler)
}

/// Answers `OPTIONS` with this handler.
pub fn options<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::OPTIONS, handler)
}

/// Answers `PATCH` with this handler.
pub fn patch<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::PATCH, handler)
}

/// Answers `POST` with this handler.
pub fn post<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::POST, handler)
}

/// Answers `PUT` with this handler.
pub fn put<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::PUT, handler)
}

/// Answers `TRACE` with this handler.
pub fn trace<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::TRACE, handler)
}

/// Answers the methods of the filter with this handler.
pub fn on<H, T, S>(filter: MethodFilter, handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    MethodRouter::new().on(filter, handler)
}

/// Answers every method with this handler.
pub fn any<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T::First, Check: RunIn<T>>,
    T: Extractors + 'static,
    S: Clone + Send + Sync + 'static,
{
    MethodRouter::any(handler)
}

/// Answers `CONNECT` with a service of which it was said who may call it.
pub fn connect_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    on_service(MethodFilter::CONNECT, service)
}

/// Answers `DELETE` with a service of which it was said who may call it.
pub fn delete_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    on_service(MethodFilter::DELETE, service)
}

/// Answers `GET` with a service of which it was said who may call it. Answers `HEAD` too, where nothing else does.
pub fn get_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    on_service(MethodFilter::GET, service)
}

/// Answers `HEAD` with a service of which it was said who may call it.
pub fn head_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    on_service(MethodFilter::HEAD, service)
}

/// Answers `OPTIONS` with a service of which it was said who may call it.
pub fn options_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    on_service(MethodFilter::OPTIONS, service)
}

/// Answers `PATCH` with a service of which it was said who may call it.
pub fn patch_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    on_service(MethodFilter::PATCH, service)
}

/// Answers `POST` with a service of which it was said who may call it.
pub fn post_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    on_service(MethodFilter::POST, service)
}

/// Answers `PUT` with a service of which it was said who may call it.
pub fn put_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    on_service(MethodFilter::PUT, service)
}

/// Answers `TRACE` with a service of which it was said who may call it.
pub fn trace_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    on_service(MethodFilter::TRACE, service)
}

/// Answers the methods of the filter with a service of which it was said who may call it.
pub fn on_service<D, S, E>(filter: MethodFilter, service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    MethodRouter::new().on_service(filter, service)
}

/// Answers every method with a service of which it was said who may call it.
pub fn any_service<D, S, E>(service: D) -> MethodRouter<S, E>
where
    D: DeclaredService<Service: RoutableService<E>>,
    S: Clone,
{
    MethodRouter::any_service(service)
}
