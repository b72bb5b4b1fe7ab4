//! A method router of axum's in a guarded router: one of the two `use` lines was not changed.

use auth_layer::axum::Router;
use auth_layer::public;

#[public]
async fn home() {}

fn right() -> Router {
    Router::new().route("/", auth_layer::axum::routing::get(home))
}

fn wrong() -> Router {
    Router::new().route("/", axum::routing::get(home))
}

fn wrong_too() -> axum::Router {
    axum::Router::new().route("/", auth_layer::axum::routing::get(home))
}

fn main() {
    let _ = (right(), wrong(), wrong_too());
}
