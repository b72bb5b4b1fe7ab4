//! A function of the whole request, which its attribute guards from within, where axum's extractors are wanted.

use auth_layer::axum::{Router, routing::get};
use auth_layer::{AccessToken, require_auth};
use axum::extract::Request;
use axum::response::Response;

#[require_auth]
async fn right(_token: AccessToken, _request: Request) {}

#[require_auth]
async fn wrong(_request: Request) -> Response {
    Response::default()
}

fn main() {
    let _: Router = Router::new().route("/right", get(right)).route("/wrong", get(wrong));
}
