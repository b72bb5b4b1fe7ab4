//! A scope that the definition does not declare.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products"])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["raed:products"])]
async fn wrong(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes!(pub api Products from "../../definitions/products.json");
}

fn main() {}
