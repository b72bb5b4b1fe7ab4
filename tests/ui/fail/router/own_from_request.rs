//! Implementations of the user's own that would make a session of any request, for axum to run in place of the check.

use auth_layer::Session;
use auth_layer::axum::{Router, routing::get};
use axum::extract::{FromRequest, Request};
use http::StatusCode;

#[derive(Clone)]
struct Shop;

/// A mark of the user's own, where axum has one that nobody can name.
struct Own;

impl FromRequest<Shop, Own> for Session {
    type Rejection = StatusCode;

    async fn from_request(_: Request, _: &Shop) -> Result<Self, StatusCode> {
        Err(StatusCode::OK)
    }
}

impl FromRequest<Shop> for Session {
    type Rejection = StatusCode;

    async fn from_request(_: Request, _: &Shop) -> Result<Self, StatusCode> {
        Err(StatusCode::OK)
    }
}

async fn right(_: Session) {}

async fn wrong(_: Session) {}

fn marked<M: 'static>(app: Router<Shop>) -> Router<Shop>
where
    Session: FromRequest<Shop, M>,
{
    app.route("/inferred", get::<_, (M, Session), Shop>(wrong))
}

fn main() {
    let _: Router<Shop> = Router::new()
        .route("/right", get(right))
        .route("/wrong", get::<_, (Own, Session), Shop>(wrong));
    let _ = marked::<Own>;
}
