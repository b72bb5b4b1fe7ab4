//! A scope that is required twice, by its text and by its type.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products", "write:products"])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:products", scopes::ReadProducts])]
async fn by_text_and_by_type(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {}
