//! A path in quotes.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products"], registry = crate::scopes)]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:products"], registry = "crate::scopes")]
async fn quoted(_token: AccessToken) {}

#[require_auth(audience = https)]
async fn not_quoted(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {}
