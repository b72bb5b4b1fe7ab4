//! A registry of another crate.
#![deny(warnings)]

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use tests::shared_scopes::ReadProducts;

fn list(_: &AccessToken<impl Grants<ReadProducts>>) {}

#[require_auth(scopes = ["read:products"], registry = tests::shared_scopes)]
async fn products(token: AccessToken) {
    list(&token);
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(products));
}
