//! A token stands for a user or for a client.

use auth_layer::{AccessToken, require_auth};

#[require_auth(user, max_age = 300)]
async fn right(_token: AccessToken) {}

#[require_auth(client)]
async fn right_too(_token: AccessToken) {}

#[require_auth(user, client)]
async fn both(_token: AccessToken) {}

#[require_auth(user = true)]
async fn with_value(_token: AccessToken) {}

#[require_auth(client, max_age = 300)]
async fn client_that_logs_in(_token: AccessToken) {}

fn main() {}
