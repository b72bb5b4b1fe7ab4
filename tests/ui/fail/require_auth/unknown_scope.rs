//! A scope that the API does not declare.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products"])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:prodcts"])]
async fn typo(_token: AccessToken) {}

#[require_auth(any_scopes = ["write:products", "delete:everything"])]
async fn nothing_like_it(_token: AccessToken) {}

#[require_auth(scopes = ["read:products", "red:products", "raed:products"])]
async fn two(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {}
