//! The functions of `axum::routing`: a handler, or a service, for the methods of a path.

use std::convert::Infallible;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::IntoResponse;
use tower_service::Service;

pub use axum::routing::{IntoMakeService, MethodFilter, Route, RouterAsService, RouterIntoService, future};

pub use crate::axum::method_router::MethodRouter;
use crate::axum::protected::ProtectedHandler;
pub use crate::axum::router::Router;
use crate::axum::services::DeclaredService;

macro_rules! handlers {
    ($($name:ident $method:ident;)*) => {$(
        #[doc = concat!("Answers `", stringify!($method), "` with this handler.")]
        pub fn $name<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
        where
            H: Handler<T, S> + ProtectedHandler<T>,
            T: 'static,
            S: Clone + Send + Sync + 'static,
        {
            on(MethodFilter::$method, handler)
        }
    )*};
}

handlers! {
    connect CONNECT;
    delete DELETE;
    get GET;
    head HEAD;
    options OPTIONS;
    patch PATCH;
    post POST;
    put PUT;
    trace TRACE;
}

/// Answers the methods of the filter with this handler.
pub fn on<H, T, S>(filter: MethodFilter, handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    MethodRouter::new().on(filter, handler)
}

/// Answers every method with this handler.
pub fn any<H, T, S>(handler: H) -> MethodRouter<S, Infallible>
where
    H: Handler<T, S> + ProtectedHandler<T>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    MethodRouter::any(handler)
}

macro_rules! services {
    ($($name:ident $method:ident;)*) => {$(
        #[doc = concat!("Answers `", stringify!($method), "` with a service of which it was said who may call it.")]
        pub fn $name<D, S>(service: D) -> MethodRouter<S, <D::Service as Service<Request>>::Error>
        where
            D: DeclaredService,
            D::Service: Service<Request> + Clone + Send + Sync + 'static,
            <D::Service as Service<Request>>::Response: IntoResponse + 'static,
            <D::Service as Service<Request>>::Future: Send + 'static,
            S: Clone,
        {
            on_service(MethodFilter::$method, service)
        }
    )*};
}

services! {
    connect_service CONNECT;
    delete_service DELETE;
    get_service GET;
    head_service HEAD;
    options_service OPTIONS;
    patch_service PATCH;
    post_service POST;
    put_service PUT;
    trace_service TRACE;
}

/// Answers the methods of the filter with a service of which it was said who may call it.
pub fn on_service<D, S>(
    filter: MethodFilter,
    service: D,
) -> MethodRouter<S, <D::Service as Service<Request>>::Error>
where
    D: DeclaredService,
    D::Service: Service<Request> + Clone + Send + Sync + 'static,
    <D::Service as Service<Request>>::Response: IntoResponse + 'static,
    <D::Service as Service<Request>>::Future: Send + 'static,
    S: Clone,
{
    MethodRouter::new().on_service(filter, service)
}

/// Answers every method with a service of which it was said who may call it.
pub fn any_service<D, S>(service: D) -> MethodRouter<S, <D::Service as Service<Request>>::Error>
where
    D: DeclaredService,
    D::Service: Service<Request> + Clone + Send + Sync + 'static,
    <D::Service as Service<Request>>::Response: IntoResponse + 'static,
    <D::Service as Service<Request>>::Future: Send + 'static,
    S: Clone,
{
    MethodRouter::any_service(service)
}
