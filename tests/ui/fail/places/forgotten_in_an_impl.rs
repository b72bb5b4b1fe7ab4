//! An associated function that says nothing, in an `impl` that guards its handlers.

use auth_layer::{AccessToken, require_auth};

struct Shop;

#[require_auth(audience = "https://api.shop.example")]
impl Shop {
    #[require_auth] // right
    async fn list(_token: AccessToken) {}

    pub async fn delete_everything() {}

    pub async fn client_method(&self) {}
}

fn main() {}
