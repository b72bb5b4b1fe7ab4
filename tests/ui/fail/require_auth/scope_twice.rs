//! A scope that is required twice.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products", "write:products"])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:products", "read:products"])]
async fn in_one_list(_token: AccessToken) {}

#[require_auth(scopes = ["read:products"], any_scopes = ["write:products", "read:products"])]
async fn in_both_lists(_token: AccessToken) {}

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
