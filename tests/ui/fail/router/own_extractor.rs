//! An extractor of the user's own says nothing of who may call, and cannot be made to.

use auth_layer::axum::{Router, SaysWhoMayCall, routing::get};
use axum::extract::FromRequestParts;
use http::request::Parts;

struct ApiKey;

impl<S: Sync> FromRequestParts<S> for ApiKey {
    type Rejection = http::StatusCode;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, http::StatusCode> {
        Ok(Self)
    }
}

impl SaysWhoMayCall for ApiKey {}

#[auth_layer::public]
async fn right(_: ApiKey) {}

async fn wrong(_: ApiKey) {}

fn main() {
    let _: Router = Router::new().route("/right", get(right)).route("/wrong", get(wrong));
}
