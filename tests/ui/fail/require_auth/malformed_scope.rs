//! A text that RFC 6749 §3.3 does not allow; each is told.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products", "write:products"])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:products write:products", "", "read products\\", "réad"])]
async fn wrong(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {}
