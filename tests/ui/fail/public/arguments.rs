//! Arguments that it does not have, and a token that it cannot promise.

use auth_layer::{AccessToken, public};

#[public]
async fn right(_token: Option<AccessToken>) {}

#[public(scopes = ["read:products"])]
async fn wrong() {}

#[public]
async fn wrong_token(_token: AccessToken) {}

#[public]
#[public]
async fn wrong_twice() {}

fn main() {}
