//! Of several scopes that would do, none is known to be there.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use scopes::ReadProducts;

fn list(_: &AccessToken<impl Grants<ReadProducts>>) {}

#[require_auth(scopes = ["read:products"])]
async fn right(token: AccessToken) {
    list(&token);
}

#[require_auth(any_scopes = ["read:products", "write:products"])]
async fn products(token: AccessToken) {
    list(&token);
}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {}
