//! Several errors in one attribute: all are told, and nothing else lights up.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use axum::routing::get;
use scopes::ReadProducts;

fn list(_: &AccessToken<impl Grants<ReadProducts>>) {}

#[require_auth(scopes = ["read:products"])]
async fn right(token: AccessToken) {
    list(&token);
}

#[require_auth(scope = ["read:products"], any_scopes = ["a b", "c\\"], "write:products")]
fn wrong(token: AccessToken, _: Option<AccessToken>) {
    list(&token);
    std::future::ready(()).await;
}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" { ReadProducts = "read:products" }
    }
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", get(right)).route("/wrong", get(wrong));
}
