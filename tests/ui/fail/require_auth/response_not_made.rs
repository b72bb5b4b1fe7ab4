//! A function over `Request` that returns nothing a refusal can be put in.

use auth_layer::{AccessToken, require_auth};
use axum::response::IntoResponse;
use http::{Request, Response};

#[require_auth]
async fn right(_: Request<String>, _token: AccessToken) -> Response<String> {
    Response::new(String::new())
}

#[require_auth]
async fn opaque(_: Request<String>) -> impl IntoResponse {}

#[require_auth]
async fn nothing(_: Request<String>) {}

#[require_auth]
async fn text(_: Request<String>) -> String {
    String::new()
}

fn main() {}
