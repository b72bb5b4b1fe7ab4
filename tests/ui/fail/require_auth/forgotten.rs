//! A handler whose attribute was forgotten.

use auth_layer::token::{Grants, Proof};
use auth_layer::{AccessToken, require_auth};
use scopes::{ReadProducts, WriteProducts};

fn list(_: &AccessToken<impl Grants<ReadProducts>>) {}

fn write(_: Proof<'_, WriteProducts>) {}

#[require_auth(scopes = ["read:products"])]
async fn right(token: AccessToken) {
    list(&token);
}

async fn wrong(token: AccessToken) {
    list(&token);
}

async fn wrong_too(token: AccessToken) {
    write(token.prove());
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
