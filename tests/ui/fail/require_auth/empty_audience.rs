//! An audience that names nothing.

use auth_layer::{AccessToken, require_auth};

#[require_auth(audience = "https://api.shop.example")]
async fn right(_token: AccessToken) {}

#[require_auth(audience = "")]
async fn wrong(_token: AccessToken) {}

fn main() {}
