//! A key that is given twice.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products", "write:products"])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:products"], scopes = ["write:products"])]
async fn lists(_token: AccessToken) {}

#[require_auth(audience = "https://a.example", audience = "https://b.example")]
async fn audiences(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {}
