//! An extractor of the user's own says nothing of who may call.

use auth_layer::axum::routing::{get, get_service};
use auth_layer::axum::{Router, danger_guarded_elsewhere};
use axum::extract::FromRequestParts;
use axum::handler::HandlerWithoutStateExt as _;
use http::StatusCode;
use http::request::Parts;

struct ApiKey;

impl<S: Sync> FromRequestParts<S> for ApiKey {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        Ok(Self)
    }
}

async fn hook(_: ApiKey) {}

fn main() {
    let right = get_service(danger_guarded_elsewhere(hook.into_service()));
    let _: Router = Router::new().route("/right", right).route("/wrong", get(hook));
}
