//! A route whose handler lacks its attribute, with and without a token.

use auth_layer::axum::{Router, routing::get};
use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products"])]
async fn right(_token: AccessToken) {}

async fn wrong(_token: AccessToken) {}

async fn wrong_too() {}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
        }
    }
}

fn main() {
    let _: Router = Router::new()
        .route("/right", get(right))
        .route("/wrong", get(wrong))
        .route("/wrong-too", get(right).post(wrong_too));
}
