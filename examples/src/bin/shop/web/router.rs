//! Which path leads where.

use auth_layer::Clock;
use auth_layer::axum::Router;
use auth_layer::axum::routing::{get, post};
use auth_layer::ledger::Ledger;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};

use super::{calls, headers, pages};
use crate::backend::Backend;
use crate::demo::Demo;
use crate::worker::Worker;

/// What handlers share.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) backend: Backend,
    pub(crate) ledger: Ledger,
    pub(crate) clock: Clock,
    /// None where the shop has no secret to get tokens of its own with, or nobody asked for a worker.
    pub(crate) worker: Option<Worker>,
    /// Only at the embedded provider.
    pub(crate) demo: Option<Demo>,
}

/// Returns the shop; `issuer` is where logout leads.
pub(crate) fn router(shop: Shop, issuer: &str) -> Router {
    let policy = headers::Policy::new(issuer);
    routes(shop.demo.is_some())
        .layer(from_fn_with_state(policy, headers::protect))
        .layer(DefaultBodyLimit::max(4_096))
        .with_state(shop)
}

/// Returns the routes alone, without what stands around them; the demo has one more.
pub(crate) fn routes(is_demo: bool) -> Router<Shop> {
    let mut router = Router::new()
        .route("/", get(pages::home))
        .route("/products", get(pages::products))
        .route("/api/products", get(calls::list_products).post(calls::add_product))
        .route("/api/session", get(calls::session))
        .route("/api/refresh", post(calls::refresh))
        .route("/api/ledger", get(calls::ledger))
        .route("/api/worker", get(calls::worker));
    if is_demo {
        router =
            router.route("/api/demo/expire", post(calls::expire)).route("/api/demo/work", post(calls::work));
    }
    router
        .layer(from_fn(headers::forbid_storing))
        .route("/shop.css", get(pages::stylesheet))
        .route("/shop.js", get(pages::script))
        .route("/shop.svg", get(pages::icon))
        .fallback(pages::not_found)
}
