//! A call that needs a scope which the handler does not require.

use auth_layer::token::{Grants, Proof};
use auth_layer::{AccessToken, require_auth};
use scopes::{ReadProducts, WriteProducts};

fn list(_: &AccessToken<impl Grants<ReadProducts>>) {}

fn write(_: Proof<'_, WriteProducts>) {}

#[require_auth(scopes = ["read:products", "write:products"])]
async fn right(token: AccessToken) {
    list(&token);
    write(token.prove());
}

#[require_auth(scopes = ["write:products"])]
async fn products(token: AccessToken) {
    list(&token);
}

#[require_auth(scopes = ["read:products"])]
async fn write_product(token: AccessToken) {
    write(token.prove());
}

#[require_auth]
async fn home(token: AccessToken) {
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
