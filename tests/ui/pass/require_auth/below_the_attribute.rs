//! An attribute that reads the signature stands below, and sees the token with its type.

use auth_layer::{AccessToken, require_auth};
use axum::Json;
use axum::extract::State;
use axum::routing::post;

mod scopes {
    auth_layer::scopes! {
        pub api Products { WriteProducts = "write:products" }
    }
}

#[require_auth(scopes = ["write:products"])]
#[axum::debug_handler]
async fn write_product(State(()): State<()>, token: AccessToken, Json(_): Json<String>) {
    let _ = token.prove::<scopes::WriteProducts>();
}

#[require_auth]
#[axum::debug_handler]
async fn home() {}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", post(write_product).get(home));
}
