//! A method.

use auth_layer::{AccessToken, require_auth};

#[require_auth]
async fn right(_token: AccessToken) {}

struct Shop;

impl Shop {
    #[require_auth]
    async fn wrong(&self, _token: AccessToken) {}
}

fn main() {}
