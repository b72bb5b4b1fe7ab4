//! A text where no registry is declared.

use auth_layer::{AccessToken, require_auth};

mod elsewhere {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read:products" }
    }
}

#[require_auth(scopes = ["read:products"], registry = crate::elsewhere)]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:products"])]
async fn wrong(_token: AccessToken) {}

fn main() {}
