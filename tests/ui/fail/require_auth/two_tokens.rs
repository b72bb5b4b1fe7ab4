//! A handler with two tokens.

use auth_layer::{AccessToken, require_auth};

#[require_auth]
async fn right(_token: AccessToken) {}

#[require_auth]
async fn wrong(_one: AccessToken, _other: AccessToken) {}

fn main() {}
