//! A session that is asked for after the body was read.

use auth_layer::Session;
use auth_layer::axum::{Router, routing::get};
use axum::extract::Query;

async fn right(_: Session, _: Query<String>) {}

async fn wrong(_: Query<String>, _: Session) {}

fn main() {
    let _: Router = Router::new().route("/right", get(right)).route("/wrong", get(wrong));
}
