//! What is known of the routes of a router: the paths as axum joins them, and who may call.

use std::sync::Arc;

use http::Method;

use crate::axum::access::{Access, Protection};
use crate::axum::access_table::AccessTable;
use crate::axum::protected::ProtectedHandler;
use crate::axum::row::{Reach, Row};
use crate::axum::services::DeclaredService;

/// The routes of a router; a copy costs one reference count, as axum's router does.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes(Arc<Vec<Route>>);

/// One path; it may have no endpoint, and is a route all the same.
#[derive(Clone, Debug)]
struct Route {
    path: String,
    reach: Reach,
    endpoints: Vec<Endpoint>,
}

/// What answers a method; `None` is each that has no endpoint of its own.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) method: Option<Method>,
    handler: &'static str,
    access: Access,
}

impl Endpoint {
    pub(super) fn of_handler<H: ProtectedHandler<First>, First>() -> Self {
        Self::new::<H>(H::PROTECTION)
    }

    pub(super) fn of_service<D: DeclaredService>(service: &D) -> Self {
        Self::new::<D::Service>(service.protection())
    }

    pub(super) fn with_method(&self, method: Method) -> Self {
        Self { method: Some(method), ..self.clone() }
    }

    fn new<N>(Protection { access, handler }: Protection) -> Self {
        Self { method: None, handler: handler.unwrap_or_else(std::any::type_name::<N>), access }
    }
}

impl Routes {
    pub(super) fn add(&mut self, path: &str, reach: Reach, endpoints: Vec<Endpoint>) {
        let routes = Arc::make_mut(&mut self.0);
        // axum merges two method routers of one path.
        match routes.iter_mut().find(|route| route.path == path && route.reach == reach) {
            Some(route) => route.endpoints.extend(endpoints),
            None => routes.push(Route { path: path.to_owned(), reach, endpoints }),
        }
    }

    pub(super) fn add_unlisted(&mut self, endpoint: Endpoint) {
        Arc::make_mut(&mut self.0).push(Route {
            path: ROOT.to_owned(),
            reach: Reach::Unlisted,
            endpoints: vec![endpoint],
        });
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for Route { path, reach, endpoints } in other.0.iter().cloned() {
            self.add(&path, reach, endpoints);
        }
    }

    pub(super) fn nest(&mut self, prefix: &str, nested: &Self) {
        let keeps_fallbacks = nested.may_have_fallback();
        for Route { path, reach, endpoints } in nested.0.iter().cloned() {
            if reach != Reach::Remainder || keeps_fallbacks {
                self.add(&joined(prefix, &path), reach, endpoints);
            }
        }
    }

    /// Replaces the router's own fallback; those of nested routers stay, as in axum.
    pub(super) fn set_fallback(&mut self, endpoint: Endpoint) {
        Arc::make_mut(&mut self.0).retain(|route| !route.is_own_fallback());
        self.add(ROOT, Reach::Remainder, vec![endpoint]);
    }

    /// Takes away all fallbacks, those of nested routers too, as axum does.
    pub(super) fn reset_fallback(&mut self) {
        Arc::make_mut(&mut self.0).retain(|route| route.reach != Reach::Remainder);
    }

    /// Answers what no endpoint of a path that is there by now answers.
    pub(super) fn set_method_not_allowed(&mut self, endpoint: &Endpoint) {
        for route in Arc::make_mut(&mut self.0).iter_mut().filter(|route| route.reach == Reach::Path) {
            if route.endpoints.iter().all(|endpoint| endpoint.method.is_some()) {
                route.endpoints.push(endpoint.clone());
            }
        }
    }

    pub(super) fn table(&self) -> AccessTable {
        let rows = self.0.iter().flat_map(|Route { path, reach, endpoints }| {
            endpoints.iter().map(|Endpoint { method, handler, access }| Row {
                path: path.clone(),
                reach: *reach,
                method: method.clone(),
                handler,
                access: *access,
            })
        });
        AccessTable::of(rows.collect())
    }

    /// axum takes the fallbacks of a nested router over only where it has one of its own; of a router
    /// of axum's nobody can tell, and a row too many is better than one too few.
    fn may_have_fallback(&self) -> bool {
        self.0.iter().any(|route| route.is_own_fallback() || route.reach == Reach::Unlisted)
    }
}

impl Route {
    fn is_own_fallback(&self) -> bool {
        self.reach == Reach::Remainder && self.path == ROOT
    }
}

/// The path of a nested route, as axum joins it.
pub(super) fn joined(prefix: &str, path: &str) -> String {
    match (prefix.ends_with('/'), path) {
        (true, _) => format!("{prefix}{}", path.trim_start_matches('/')),
        (false, ROOT) => prefix.to_owned(),
        (false, _) => format!("{prefix}{path}"),
    }
}

const ROOT: &str = "/";

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(method: Option<Method>) -> Endpoint {
        Endpoint { method, handler: "h", access: Access::Public }
    }

    fn routes(paths: &[(&str, Reach)]) -> Routes {
        let mut routes = Routes::default();
        for (path, reach) in paths {
            routes.add(path, *reach, vec![endpoint(None)]);
        }
        routes
    }

    fn rows(routes: &Routes) -> Vec<(String, Reach)> {
        routes.table().iter().map(|row| (row.path().to_owned(), row.reach())).collect()
    }

    #[test]
    fn paths_are_joined_as_axum_joins_them() {
        for (prefix, path, expected) in [
            ("/api", "/", "/api"),
            ("/api", "/products", "/api/products"),
            ("/api", "/products/", "/api/products/"),
            ("/api/", "/", "/api/"),
            ("/api/", "/products", "/api/products"),
            ("/shops/{shop}", "/{id}", "/shops/{shop}/{id}"),
            ("/api", "//", "/api//"),
            ("/api/", "//", "/api/"),
        ] {
            assert_eq!(joined(prefix, path), expected, "{prefix} {path}");
        }
    }

    #[test]
    fn a_fallback_is_nested_only_with_one_of_the_routers_own() {
        let mut outer = Routes::default();
        outer.nest("/a", &routes(&[("/", Reach::Path), ("/deep", Reach::Remainder)]));
        assert_eq!(rows(&outer), [("/a".to_owned(), Reach::Path)]);
        outer.nest("/b", &routes(&[("/", Reach::Remainder), ("/deep", Reach::Remainder)]));
        let expected = [("/a", Reach::Path), ("/b", Reach::Remainder), ("/b/deep", Reach::Remainder)];
        assert_eq!(rows(&outer), expected.map(|(path, reach)| (path.to_owned(), reach)));
    }

    #[test]
    fn a_fallback_that_may_be_there_is_in_the_table() {
        let mut inner = routes(&[("/deep", Reach::Remainder)]);
        inner.add_unlisted(endpoint(None));
        let mut outer = Routes::default();
        outer.nest("/a", &inner);
        assert_eq!(
            rows(&outer),
            [("/a".to_owned(), Reach::Unlisted), ("/a/deep".to_owned(), Reach::Remainder)]
        );
    }

    #[test]
    fn what_is_not_allowed_is_answered_once_at_each_path_that_is_there() {
        let mut routes = Routes::default();
        routes.add("/empty", Reach::Path, Vec::new());
        routes.add("/get", Reach::Path, vec![endpoint(Some(Method::GET))]);
        routes.add("/any", Reach::Path, vec![endpoint(None)]);
        routes.add("/files", Reach::Subtree, vec![endpoint(None)]);
        for _ in 0..2 {
            routes.set_method_not_allowed(&endpoint(None));
        }
        let methods: Vec<_> =
            routes.table().iter().map(|row| (row.path().to_owned(), row.method().is_some())).collect();
        let expected =
            [("/any", false), ("/empty", false), ("/files", false), ("/get", true), ("/get", false)];
        assert_eq!(methods, expected.map(|(path, is_named)| (path.to_owned(), is_named)));
    }
}
