//! A token that may be absent, where the attribute makes sure that it is there.

use auth_layer::{AccessToken, require_auth};

#[require_auth]
async fn right(_token: AccessToken) {}

async fn also_right(_token: Option<AccessToken>) {}

#[require_auth]
async fn wrong(_token: Option<AccessToken>) {}

fn main() {}
