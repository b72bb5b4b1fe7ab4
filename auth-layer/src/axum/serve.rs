//! The guarded router as a service: what axum's is a service of, it is one of too.

use std::task::{Context, Poll};

use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::routing::IntoMakeService;
use tower_service::Service;

use crate::axum::method_router::MethodRouter;
use crate::axum::router::Router;

impl Router {
    /// Turns it into a service that makes a service for each connection.
    #[must_use]
    pub fn into_make_service(self) -> IntoMakeService<axum::Router> {
        self.into_axum().into_make_service()
    }

    /// The same, with the client's address for `ConnectInfo`.
    #[must_use]
    pub fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<axum::Router, C> {
        self.into_axum().into_make_service_with_connect_info()
    }
}

impl MethodRouter {
    /// Turns it into a service that makes a service for each connection.
    #[must_use]
    pub fn into_make_service(self) -> IntoMakeService<axum::routing::MethodRouter> {
        self.into_parts().0.into_make_service()
    }

    /// The same, with the client's address for `ConnectInfo`.
    #[must_use]
    pub fn into_make_service_with_connect_info<C>(
        self,
    ) -> IntoMakeServiceWithConnectInfo<axum::routing::MethodRouter, C> {
        self.into_parts().0.into_make_service_with_connect_info()
    }
}

/// Of requests, and of the connections of `axum::serve`.
impl<R> Service<R> for Router
where
    axum::Router: Service<R>,
{
    type Response = <axum::Router as Service<R>>::Response;
    type Error = <axum::Router as Service<R>>::Error;
    type Future = <axum::Router as Service<R>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner().poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        self.inner().call(request)
    }
}

/// Of requests, and of the connections of `axum::serve`.
impl<R, E> Service<R> for MethodRouter<(), E>
where
    axum::routing::MethodRouter<(), E>: Service<R>,
{
    type Response = <axum::routing::MethodRouter<(), E> as Service<R>>::Response;
    type Error = <axum::routing::MethodRouter<(), E> as Service<R>>::Error;
    type Future = <axum::routing::MethodRouter<(), E> as Service<R>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner().poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        self.inner().call(request)
    }
}
