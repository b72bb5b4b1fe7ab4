//! axum calls a handler without `self`, also in an `impl`.

use auth_layer::{AccessToken, require_auth};

struct Shop;

#[require_auth]
impl Shop {
    #[require_auth]
    async fn right(_token: AccessToken) {}

    #[require_auth]
    async fn wrong(&self, _token: AccessToken) {}
}

fn main() {}
