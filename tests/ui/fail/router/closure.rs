//! Closures, and answers that are no function, have no attribute.

use auth_layer::Session;
use auth_layer::axum::{Router, routing::get};
use auth_layer::public;

#[public]
async fn right() -> &'static str {
    "open"
}

fn main() {
    let _: Router = Router::new()
        .route("/right", get(right))
        .route("/right-too", get(async |session: Session| session.user().subject().to_string()))
        .route("/wrong", get(async || "open"))
        .route("/wrong-too", get("open"));
}
