//! A scope where a list belongs.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products"])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = "read:products")]
async fn not_a_list(_token: AccessToken) {}

#[require_auth("read:products")]
async fn no_key(_token: AccessToken) {}

#[require_auth(scopes("read:products"))]
async fn a_call(_token: AccessToken) {}

#[require_auth(scopes)]
async fn a_word(_token: AccessToken) {}

#[require_auth(scopes = [read, 7])]
async fn not_a_string(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {}
