//! A type that is no scope.

use auth_layer::{AccessToken, require_auth};

struct Other;

#[require_auth(scopes = [scopes::ReadProducts])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = [Other])]
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
