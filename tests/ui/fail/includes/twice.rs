//! One scope that is required under two names.

use auth_layer::{AccessToken, require_auth};
use scopes::Admin;

#[require_auth(scopes = ["admin", "read"])]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["admin", Admin])]
async fn wrong(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! { pub api Products { Admin = "admin" includes [Read], Read = "read" } }
}

fn main() {}
