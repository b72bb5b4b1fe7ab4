//! A router of axum's among guarded ones.

use auth_layer::axum::{Router, danger_guarded_elsewhere, public_service};

fn plain() -> axum::Router {
    axum::Router::new().route("/", axum::routing::get(async || "open"))
}

fn main() {
    let _: Router = Router::new().merge(public_service(plain())); // right
    let _: Router = Router::new().nest("/elsewhere", danger_guarded_elsewhere(plain())); // right
    let _: Router = Router::new().merge(plain());
    let _: Router = Router::new().nest("/plain", plain());
}
