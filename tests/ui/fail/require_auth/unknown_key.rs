//! A key that there is not.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products"])]
async fn right(_token: AccessToken) {}

#[require_auth(scope = ["read:products"])]
async fn typo(_token: AccessToken) {}

#[require_auth(colour = "red")]
async fn nothing_like_it(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {}
