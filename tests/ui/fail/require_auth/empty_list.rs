//! A list that names no scope.

use auth_layer::{AccessToken, require_auth};

#[require_auth]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = [])]
async fn all_of_none(_token: AccessToken) {}

#[require_auth(any_scopes = [])]
async fn any_of_none(_token: AccessToken) {}

fn main() {}
