//! A token whose type says more than the attribute filled in.

use auth_layer::token::Any;
use auth_layer::{AccessToken, require_auth};

#[require_auth]
async fn right(_token: AccessToken) {}

#[require_auth]
async fn typed(_token: AccessToken<Any>) {}

#[require_auth]
async fn borrowed(_token: &AccessToken) {}

fn main() {}
