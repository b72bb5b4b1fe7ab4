//! Services that are routed without a word.

use std::convert::Infallible;

use auth_layer::axum::routing::{any_service, get_service};
use auth_layer::axum::{Router, public_service};
use axum::extract::Request;
use tower::service_fn;

async fn file(_: Request) -> Result<&'static str, Infallible> {
    Ok("file")
}

fn main() {
    let _: Router = Router::new()
        .nest_service("/right", public_service(service_fn(file)))
        .route("/right-too", get_service(public_service(service_fn(file))));
    let _: Router = Router::new().nest_service("/wrong", service_fn(file));
    let _: Router = Router::new().route_service("/wrong", service_fn(file));
    let _: Router = Router::new().fallback_service(service_fn(file));
    let _: Router = Router::new().route("/wrong", get_service(service_fn(file)));
    let _: Router = Router::new().route("/wrong-too", any_service(public_service(service_fn(file))).put_service(service_fn(file)));
}
