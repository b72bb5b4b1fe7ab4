//! A token behind what takes the body.

use auth_layer::{AccessToken, require_auth};
use axum::Json;
use axum::extract::State;

#[require_auth]
async fn right(State(()): State<()>, _token: AccessToken, Json(_): Json<String>) {}

#[require_auth]
async fn wrong(State(()): State<()>, Json(_): Json<String>, _token: AccessToken) {}

#[require_auth]
async fn raw(State(()): State<()>, _request: axum::extract::Request, _token: AccessToken) {}

fn main() {}
