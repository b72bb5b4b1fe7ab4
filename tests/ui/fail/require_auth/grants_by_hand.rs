//! What a handler grants is written by its attribute, and not by hand.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use scopes::WriteProducts;

fn write(_: &AccessToken<impl Grants<WriteProducts>>) {}

#[require_auth(scopes = ["read:products", "write:products"])]
async fn right(token: AccessToken) {
    write(&token);
}

#[require_auth(scopes = ["read:products"])]
async fn wrong(token: AccessToken) {
    write(&token);
}

impl Grants<WriteProducts> for WrongHandler {}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {}
