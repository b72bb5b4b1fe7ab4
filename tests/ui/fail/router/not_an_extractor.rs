//! A protected handler that axum cannot call: axum's error is the only one.

use auth_layer::axum::{Router, routing::get};
use auth_layer::{AccessToken, require_auth};
use axum::extract::State;

struct NoExtractor;

#[require_auth]
async fn right(_: State<u8>) {}

#[require_auth]
async fn wrong(_token: AccessToken, _: NoExtractor) {}

#[require_auth]
async fn wrong_state(_: State<u16>) {}

fn main() {
    let _: Router<u8> = Router::new().route("/right", get(right)).route("/wrong", get(wrong));
    let _: Router<u8> = Router::new().route("/right", get(right)).route("/wrong", get(wrong_state));
}
