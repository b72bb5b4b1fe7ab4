//! A definition that cannot be read is the one error: what names its scopes adds none.

use auth_layer::{AccessToken, require_auth};

mod right {
    auth_layer::scopes!(pub(crate) api Products from "../../definitions/products.json");
}

#[require_auth(scopes = ["read:products", "write:products"])]
async fn products(_token: AccessToken) {}

#[require_auth(any_scopes = ["read:products", "admin"])]
async fn any(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes!(pub api Products from "products.json");
}

fn main() {}
