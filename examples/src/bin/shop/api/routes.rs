//! The API's two operations.

use auth_layer::axum::{Router, routing::get};
use auth_layer::{Auth, require_auth};
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::{Catalogue, NewProduct, Product};

/// Returns the API, behind the layer that knows whose tokens are taken.
pub(crate) fn router(catalogue: Catalogue, auth: &Auth) -> Router {
    routes().layer(DefaultBodyLimit::max(4_096)).with_state(catalogue).layer(auth.layer())
}

/// Returns the routes alone.
pub(crate) fn routes() -> Router<Catalogue> {
    Router::new().route("/products", get(list).post(add))
}

#[require_auth(scopes = ["read:products"])]
async fn list(State(catalogue): State<Catalogue>) -> Json<Vec<Product>> {
    Json(catalogue.list())
}

#[require_auth(scopes = ["write:products"])]
async fn add(State(catalogue): State<Catalogue>, Json(new): Json<NewProduct>) -> Response {
    match catalogue.add(new) {
        Ok(product) => (StatusCode::CREATED, Json(product)).into_response(),
        Err(detail) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "detail": detail }))).into_response(),
    }
}
