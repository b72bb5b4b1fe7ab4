//! An operation that is called with a token that lacks its scope.

use auth_layer::outbound::{Call, PathError};
use auth_layer::{AccessToken, require_auth};

mod scopes {
    auth_layer::scopes!(pub api Products from "../../definitions/shop.yaml");
}

auth_layer::client!(pub trait ProductsClient from "../../definitions/shop.yaml" { put = "PUT /products/{product-id}" });

struct Fake;

impl ProductsClient for Fake {
    type Body = ();
    type Reply = ();
    type Error = PathError;

    async fn send(&self, _: Call<()>) -> Result<(), PathError> {
        Ok(())
    }
}

#[require_auth(scopes = ["read:products"])]
async fn right(token: AccessToken) {
    let _ = Fake.list_products(&token, &[]).await;
}

#[require_auth(scopes = ["write:products"])]
async fn add(token: AccessToken) {
    let _ = Fake.list_products(&token, &[]).await;
}

fn main() {}
