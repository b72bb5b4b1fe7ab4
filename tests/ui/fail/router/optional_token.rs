//! A handler that takes a token, a session or a user where there is one: strangers get in.

use auth_layer::axum::{Router, routing::get};
use auth_layer::{AccessToken, Session, User, public};

#[public]
async fn right(_token: Option<AccessToken>) {}

async fn right_too(_: Session) {}

async fn wrong(_token: Option<AccessToken>) {}

async fn wrong_session(_session: Option<Session>) {}

async fn wrong_user(_user: Result<User, auth_layer::gate::Rejection>) {}

fn main() {
    let _: Router = Router::new()
        .route("/right", get(right))
        .route("/right-too", get(right_too))
        .route("/wrong", get(wrong))
        .route("/wrong-session", get(wrong_session))
        .route("/wrong-user", get(wrong_user));
}
