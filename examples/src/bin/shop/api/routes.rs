//! The API's two operations.

use auth_layer::token::DeclaredScope;
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use http::request::Parts;
use serde_json::json;

use super::{Catalogue, Introspector, NewProduct, Product};
use crate::api::challenge::Challenge;
use crate::scopes::{ReadProducts, WriteProducts};

#[derive(Clone)]
struct Api {
    catalogue: Catalogue,
    introspector: Introspector,
}

/// Returns the API's routes.
pub(crate) fn router(catalogue: Catalogue, introspector: Introspector) -> Router {
    Router::new()
        .route("/products", get(list).post(add))
        .layer(DefaultBodyLimit::max(4_096))
        .with_state(Api { catalogue, introspector })
}

async fn list(_: MayRead, State(api): State<Api>) -> Json<Vec<Product>> {
    Json(api.catalogue.list())
}

async fn add(_: MayWrite, State(api): State<Api>, Json(new): Json<NewProduct>) -> Response {
    match api.catalogue.add(new) {
        Ok(product) => (StatusCode::CREATED, Json(product)).into_response(),
        Err(detail) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "detail": detail }))).into_response(),
    }
}

/// Proof that the token has `read:products`.
struct MayRead;

/// Proof that the token has `write:products`.
struct MayWrite;

impl FromRequestParts<Api> for MayRead {
    type Rejection = Challenge;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Challenge> {
        api.introspector.require(&parts.headers, ReadProducts::NAME).await.map(|()| Self)
    }
}

impl FromRequestParts<Api> for MayWrite {
    type Rejection = Challenge;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Challenge> {
        api.introspector.require(&parts.headers, WriteProducts::NAME).await.map(|()| Self)
    }
}
