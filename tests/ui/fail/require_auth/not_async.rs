//! A handler that is not async.

use auth_layer::{AccessToken, require_auth};

#[require_auth]
async fn right(_token: AccessToken) {}

#[require_auth]
fn not_async(_token: AccessToken) {}

fn main() {}
