//! A handler with a state and a body that lacks its attribute.

use auth_layer::axum::{Router, routing::post};
use auth_layer::require_auth;
use axum::Json;
use axum::extract::{Path, State};

#[derive(Clone)]
struct Shop;

#[require_auth]
async fn right(State(_shop): State<Shop>, Path(_id): Path<u64>, Json(_new): Json<String>) {}

async fn wrong(State(_shop): State<Shop>, Path(_id): Path<u64>, Json(_new): Json<String>) {}

fn main() {
    let _: Router = Router::new()
        .route("/right/{id}", post(right))
        .route("/wrong/{id}", post(wrong))
        .with_state(Shop);
}
