//! A scope that the API of another crate does not declare.

use auth_layer::{AccessToken, require_auth};

#[require_auth(scopes = ["read:products"], registry = tests::shared_scopes)]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:product"], registry = tests::shared_scopes)]
async fn wrong(_token: AccessToken) {}

fn main() {}
