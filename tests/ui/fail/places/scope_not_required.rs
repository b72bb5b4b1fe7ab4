//! A handler in an `impl` and one in a module are named by the error as others are.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use scopes::WriteProducts;

fn write(_: &AccessToken<impl Grants<WriteProducts>>) {}

struct Shop;

#[require_auth(scopes = ["read:products"])]
impl Shop {
    #[require_auth(scopes = ["read:products", "write:products"])]
    async fn right(token: AccessToken) {
        write(&token);
    }

    #[require_auth]
    async fn wrong(token: AccessToken) {
        write(&token);
    }
}

#[require_auth(scopes = ["write:products"])]
mod admin {
    #[auth_layer::require_auth]
    pub async fn right(token: auth_layer::AccessToken) {
        super::write(&token);
    }

    // A key of its own takes the place of the module's.
    #[auth_layer::require_auth(scopes = ["read:products"])]
    pub async fn wrong(token: auth_layer::AccessToken) {
        super::write(&token);
    }
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
