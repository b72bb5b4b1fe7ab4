//! Two attributes on one handler.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products"])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:products"])]
#[require_auth(scopes = ["write:products"])]
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
