//! A scope that the API does not declare, where the handler's body needs what was meant.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use scopes::{ReadProducts, WriteProducts};

async fn list(_: &AccessToken<impl Grants<ReadProducts>>) {}
async fn write(_: &AccessToken<impl Grants<WriteProducts>>) {}

#[require_auth(scopes = ["read:products", "write:products"])]
async fn right(token: AccessToken) {
    list(&token).await;
    write(&token).await;
    let _ = token.prove::<WriteProducts>();
}

#[require_auth(scopes = ["read:prodcts"])]
async fn wrong(token: AccessToken) {
    list(&token).await;
    let _ = token.prove::<ReadProducts>();
}

#[require_auth(scopes = ["read:products", "wrte:products", "write:product"])]
async fn two_of_three(token: AccessToken) {
    list(&token).await;
    write(&token).await;
    let _ = token.prove::<WriteProducts>();
}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn main() {
    let _: axum::Router = axum::Router::new()
        .route("/", axum::routing::get(wrong).post(two_of_three).put(right));
}
