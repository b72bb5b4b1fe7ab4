//! Demands on the authentication that cannot be met.

use auth_layer::{AccessToken, require_auth};

#[require_auth(acr = ["urn:example:mfa", "urn:example:pin"], max_age = 300)]
async fn right(_token: AccessToken) {}

#[require_auth(max_age = 0)]
async fn never(_token: AccessToken) {}

#[require_auth(max_age = "5m")]
async fn minutes(_token: AccessToken) {}

#[require_auth(max_age)]
async fn no_number(_token: AccessToken) {}

#[require_auth(acr = "gold silver")]
async fn two_in_one(_token: AccessToken) {}

#[require_auth(acr = [])]
async fn none(_token: AccessToken) {}

fn main() {}
