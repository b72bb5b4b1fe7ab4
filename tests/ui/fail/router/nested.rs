//! A forgotten attribute in a router that is nested in another.

use auth_layer::axum::Router;
use auth_layer::axum::routing::{any, delete, get};
use auth_layer::{public, require_auth};

#[public]
async fn right() {}

#[require_auth]
async fn right_too() {}

async fn wrong() {}

fn api() -> Router {
    Router::new().route("/{id}", get(right).merge(delete(wrong))).route("/all", any(wrong))
}

fn main() {
    let _: Router = Router::new().route("/", get(right_too)).nest("/api", api());
}
