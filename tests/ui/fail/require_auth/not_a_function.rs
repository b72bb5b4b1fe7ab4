//! An item that is no function.

use auth_layer::{AccessToken, require_auth};

#[require_auth]
async fn right(_token: AccessToken) {}

#[require_auth]
pub enum Wrong {}

#[require_auth]
const WRONG: u8 = 7;

fn main() {}
