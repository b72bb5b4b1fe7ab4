//! A router whose state is another's.

use auth_layer::axum::{Router, routing::get};
use auth_layer::require_auth;
use axum::extract::State;

#[derive(Clone)]
struct Shop;

#[derive(Clone)]
struct Billing;

#[require_auth]
async fn products(State(_): State<Shop>) {}

#[require_auth]
async fn invoices(State(_): State<Billing>) {}

fn billing() -> Router<Billing> {
    Router::new().route("/invoices", get(invoices))
}

fn right(app: Router<Shop>) -> Router<Shop> {
    app.nest("/billing", billing().with_state(Billing)).route("/products", get(products))
}

fn wrong(app: Router<Shop>) -> Router<Shop> {
    app.nest("/billing", billing()).route("/invoices", get(invoices))
}

fn main() {
    let _ = (right(Router::new()), wrong(Router::new()));
}
