//! Both attributes on one handler, in either order.

use auth_layer::{AccessToken, public, require_auth};

#[require_auth]
async fn right(_token: AccessToken) {}

#[public]
#[require_auth]
async fn wrong(_token: AccessToken) {}

#[require_auth]
#[public]
async fn wrong_too(_token: AccessToken) {}

fn main() {}
