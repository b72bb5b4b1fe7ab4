//! The services of a method router.

use axum::routing::MethodFilter;

use crate::axum::method_router::MethodRouter;
use crate::axum::routes::Endpoint;
use crate::axum::services::{DeclaredService, RoutableService};

impl<S: Clone, E> MethodRouter<S, E> {
    /// Answers the methods of the filter with a service of which it was said who may call it.
    #[track_caller]
    pub fn on_service<D>(self, filter: MethodFilter, service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        let (router, endpoints) = self.into_parts();
        let router = router.on_service(filter, service.into_service());
        Self::of(router, endpoints).and(filter, &Endpoint::of_service::<D>())
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
        let router = router.fallback_service(service.into_service());
        Self::of(router, endpoints).or(Endpoint::of_service::<D>())
    }

    /// Answers every method with this service; for `routing::any_service`.
    pub(super) fn any_service<D>(service: D) -> Self
    where
        D: DeclaredService<Service: RoutableService<E>>,
    {
        let router = axum::routing::any_service(service.into_service());
        Self::of(router, vec![Endpoint::of_service::<D>()])
    }
}
