//! Paths that name no scope.

use auth_layer::{AccessToken, require_auth};
use scopes::WriteProducts;

#[require_auth(scopes = [scopes::ReadProducts, WriteProducts])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = [ReadProducts])]
async fn not_imported(_token: AccessToken) {}

#[require_auth(scopes = [scopes::RaedProducts])]
async fn no_path(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! { pub api Products { ReadProducts = "read:products", WriteProducts = "write:products" } }
}

fn main() {}
