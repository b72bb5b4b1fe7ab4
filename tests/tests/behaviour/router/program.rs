//! One program, written once, for axum's router and for the guarded one.

use std::convert::Infallible;

use auth_layer::{AccessToken, Session, User, public, require_auth};
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use tower::util::BoxCloneSyncService;
use tower::{BoxError, service_fn};

/// An answer that tells which handler gave it, also without a body.
pub(super) struct By(pub(super) &'static str);

impl IntoResponse for By {
    fn into_response(self) -> Response {
        ([("x-handler", self.0)], self.0).into_response()
    }
}

macro_rules! handlers {
    ($($(#[$attribute:meta])* $name:ident($($argument:tt)*);)*) => {$(
        $(#[$attribute])*
        pub(super) async fn $name($($argument)*) -> By {
            By(concat!(module_path!(), "::", stringify!($name)))
        }
    )*};
}

handlers! {
    #[public] home();
    #[public] head_of_home();
    #[public] stranger(_user: Option<User>);
    #[public] missing();
    #[public] missing_below();
    #[public] not_allowed();
    #[require_auth] whoever();
    #[require_auth(scopes = ["read:products"])] list(_token: AccessToken);
    #[require_auth(any_scopes = ["read:products", "write:products"], max_age = 86_400, user)] one(_id: Path<u64>, _token: AccessToken);
    #[require_auth(scopes = ["write:products"])] add(_request: Option<Path<u64>>, _token: AccessToken);
    #[require_auth] every_method(_token: AccessToken);
    account(_session: Session);
    profile(_user: User);
}

pub(super) type File = BoxCloneSyncService<Request, Response, Infallible>;

/// A service; its path is its answer, as a nested one sees it.
pub(super) fn file() -> File {
    let answer = async |request: Request| Ok(request.uri().path().to_owned().into_response());
    BoxCloneSyncService::new(service_fn(answer))
}

pub(super) fn broken() -> BoxCloneSyncService<Request, Response, BoxError> {
    BoxCloneSyncService::new(service_fn(async |_: Request| Err(BoxError::from("away"))))
}

/// What `public_service` is to axum's router.
pub(super) const fn plain<T>(service: T) -> T {
    service
}

/// Writes the program for a router; `$service` wraps what no attribute can stand above.
macro_rules! program {
    ($($root:ident)::+, $service:path) => {{
        use $($root)::+::Router;
        use $($root)::+::routing::{MethodFilter, MethodRouter, any, any_service, delete, get, get_service, on, post};
        use $crate::router::program::*;

        let deep = Router::new()
            .route("/", get(account))
            .route("/profile", on(MethodFilter::GET.or(MethodFilter::PUT), profile))
            .fallback(missing_below);
        let kept = Router::new().route("/there", get(whoever)).fallback(missing_below);
        // Its own fallback is the default, so axum drops that of the router within.
        let dropping = Router::new().route("/", get(home)).nest("/deep", deep.clone());
        Router::new()
            .route("/", get(home).head(head_of_home))
            .route("/products", get(list))
            .route("/products", post(add).merge(delete(add)))
            .route("/products/{id}", get(one).put(add).fallback(missing))
            .route("/products/{id}/{*rest}", any(every_method))
            .route("/any", any(every_method).get(stranger).options(stranger))
            .route("/nothing", MethodRouter::new())
            .route("/layered", get(whoever).trace(whoever).layer(tower::layer::util::Identity::new()))
            .nest("/deep", deep.clone())
            .nest("/kept/", kept)
            .nest("/dropping", dropping)
            .nest("/shops/{shop}", Router::new().route("/", get(whoever)).route("/{id}", get(list)))
            .merge(Router::new().route("/merged", get(home)).route("/merged/", get(whoever)))
            .nest_service("/assets", $service(file()))
            .route_service("/favicon.ico", $service(file()))
            .route("/file", get_service($service(file())).post(add))
            .route("/broken", any_service($service(broken())).handle_error(async |_: tower::BoxError| "broken"))
            .method_not_allowed_fallback(not_allowed)
            .route("/late", get(home))
            .fallback(missing)
            .route_layer(axum::middleware::map_response(async |response: axum::response::Response| {
                ([("x-layer", "within")], response)
            }))
    }};
}

pub(super) use program;

/// Paths that are there, that are not, and that are there but for a slash.
pub(super) const PATHS: [&str; 40] = [
    "/",
    "//",
    "/products",
    "/products/",
    "/products/7",
    "/products/seven",
    "/products/7/a/b",
    "/any",
    "/any/",
    "/nothing",
    "/layered",
    "/deep",
    "/deep/",
    "/deep/profile",
    "/deep/nowhere",
    "/kept",
    "/kept/",
    "/kept/there",
    "/kept/nowhere",
    "/dropping",
    "/dropping/",
    "/dropping/deep",
    "/dropping/deep/profile",
    "/dropping/deep/nowhere",
    "/shops/1",
    "/shops/1/",
    "/shops/1/2",
    "/shops/1/2/3",
    "/merged",
    "/merged/",
    "/assets",
    "/assets/",
    "/assets/a/b.css",
    "/favicon.ico",
    "/favicon.ico/",
    "/file",
    "/broken",
    "/late",
    "/nowhere",
    "/nowhere/at/all",
];

/// Every method that axum knows of, and one that it does not.
pub(super) const METHODS: [&str; 10] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "PURGE"];
