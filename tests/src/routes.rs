//! The routes of a site. They show tokens to whoever asks, as no application should.

use auth_layer::gate::AccessTokenRequest;
use auth_layer::refresh::RefreshError;
use auth_layer::{AccessToken, Auth, Session, User};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

/// The audience that the site's login asks for.
pub const SHOP: &str = "https://api.shop.example";

/// An audience that the site asks for with a refresh.
pub const BILLING: &str = "https://billing.shop.example";

/// Returns the site's routes behind the layer of `auth`.
pub fn routes_behind(auth: &Auth) -> Router {
    routes().layer(auth.layer())
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/open", get(async || "open"))
        .route(
            "/user",
            get(async |user: Option<User>| user.map(|user| user.subject().to_string()).unwrap_or_default()),
        )
        .route("/session", get(async |session: Session| session.user().subject().to_string()))
        .route("/token", get(async |token: AccessToken| shown(&token)))
        .route(
            "/maybe",
            get(async |token: Option<AccessToken>| token.map_or(Json(Value::Null), |token| shown(&token))),
        )
        .route("/force", get(force))
        .route("/billing", get(async |session: Session| other(&session, BILLING).await))
        .route("/nowhere", get(async |session: Session| other(&session, "https://nowhere.example").await))
        .route("/three-times", get(three_times))
        .route("/change", post(async |_: Session| "changed"))
        .route("/cached", get(cached))
}

fn shown(token: &AccessToken) -> Json<Value> {
    Json(
        json!({ "token": token.expose(), "scope": token.scopes().to_string(), "audience": token.audience() }),
    )
}

async fn force(session: Session) -> Response {
    answer(session.access_token_with(AccessTokenRequest::new().with_forced_refresh()).await)
}

async fn other(session: &Session, audience: &str) -> Response {
    answer(session.access_token_with(AccessTokenRequest::new().with_audience(audience)).await)
}

/// Reads the token, forces a new one, and reads it again.
async fn three_times(session: Session) -> Result<Json<Value>, StatusCode> {
    let failed = |_: RefreshError| StatusCode::BAD_GATEWAY;
    let before = session.access_token().await.map_err(failed)?;
    let forced =
        session.access_token_with(AccessTokenRequest::new().with_forced_refresh()).await.map_err(failed)?;
    let after = session.access_token().await.map_err(failed)?;
    Ok(Json(json!([before.expose(), forced.expose(), after.expose()])))
}

async fn cached(token: AccessToken) -> Response {
    let headers = [(CACHE_CONTROL, "public, max-age=3600"), (SET_COOKIE, "theme=dark; Path=/")];
    (headers, token.scopes().to_string()).into_response()
}

fn answer(token: Result<AccessToken, RefreshError>) -> Response {
    match token {
        Ok(token) => shown(&token).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{:?}", error.kind())).into_response(),
    }
}
