//! Fallbacks that do not say who may call them.

use auth_layer::axum::{Router, routing::get};
use auth_layer::public;

#[public]
async fn right() {}

async fn wrong() {}

fn main() {
    let _: Router = Router::new().route("/", get(right)).fallback(right);
    let _: Router = Router::new().route("/", get(right).fallback(wrong)).fallback(wrong);
    let _: Router = Router::new().method_not_allowed_fallback(wrong);
}
