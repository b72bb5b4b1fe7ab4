//! A refused attribute is one error, and its route adds none.

use auth_layer::axum::{Router, routing::get};
use auth_layer::{AccessToken, public, require_auth};

#[require_auth]
async fn right(_token: AccessToken) {}

#[require_auth(scope = ["read:products"])]
async fn wrong(_token: AccessToken) {}

#[public(anyone)]
async fn wrong_too() {}

fn main() {
    let _: Router = Router::new()
        .route("/right", get(right))
        .route("/wrong", get(wrong))
        .route("/wrong-too", get(wrong_too));
}
