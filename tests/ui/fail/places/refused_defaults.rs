//! Defaults that are refused are refused once, and add no error to the handlers that they are for.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};

fn list(_: &AccessToken<impl Grants<crate::scopes::ReadProducts>>) {}

#[require_auth(scopes = ["read:products"], roles = ["admin"])]
mod right {
    #[auth_layer::require_auth]
    pub async fn products(token: auth_layer::AccessToken) {
        super::list(&token);
    }
}

#[require_auth(scopes = ["read:products"], role = ["admin"])]
mod wrong {
    #[auth_layer::require_auth]
    pub async fn products(token: auth_layer::AccessToken) {
        super::list(&token);
    }

    #[auth_layer::require_auth(user)]
    pub async fn more(token: auth_layer::AccessToken) {
        super::list(&token);
    }
}

struct Shop;

#[require_auth(scopes = ["read:prodcts"])]
impl Shop {
    #[require_auth]
    pub async fn products(token: AccessToken) {
        list(&token);
    }

    #[require_auth]
    pub async fn more(token: AccessToken) {
        list(&token);
    }
}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" { ReadProducts = "read:products" }
    }
}

fn main() {}
