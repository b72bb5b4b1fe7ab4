//! What the pages call: JSON in, JSON out, and never a token.

use std::collections::BTreeMap;

use auth_layer::gate::AccessTokenRequest;
use auth_layer::ledger::LedgerReport;
use auth_layer::{AccessToken, Session, User, require_auth};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::Shop;
use super::pages::connection;
use crate::api::{NewProduct, Product};
use crate::error::ShopError;
use crate::scopes::AUDIENCE;
use crate::worker::Done;

/// GET /api/products
#[require_auth(scopes = ["read:products"])]
pub(crate) async fn list_products(
    token: AccessToken,
    State(shop): State<Shop>,
) -> Result<Json<Vec<Product>>, ShopError> {
    Ok(Json(shop.backend.list(&token).await?))
}

/// POST /api/products
#[require_auth(scopes = ["write:products"])]
pub(crate) async fn add_product(
    token: AccessToken,
    State(shop): State<Shop>,
    Json(new): Json<NewProduct>,
) -> Result<(StatusCode, Json<Product>), ShopError> {
    Ok((StatusCode::CREATED, Json(shop.backend.add(&token, new).await?)))
}

/// GET /api/session: the user, and what may be known of the token.
pub(crate) async fn session(
    session: Session,
    State(shop): State<Shop>,
) -> Result<Json<SessionView>, ShopError> {
    let token = session.access_token_with(for_products()).await?;
    Ok(Json(SessionView::new(session.user(), &token, &shop)))
}

/// POST /api/refresh: a new token, however long the old one would have lived.
pub(crate) async fn refresh(
    session: Session,
    State(shop): State<Shop>,
) -> Result<Json<SessionView>, ShopError> {
    let token = session.access_token_with(for_products().with_forced_refresh()).await?;
    Ok(Json(SessionView::new(session.user(), &token, &shop)))
}

/// GET /api/ledger: what was exchanged, by all instances, and what the provider's own log says to that.
pub(crate) async fn ledger(_: Session, State(shop): State<Shop>) -> Json<LedgerView> {
    // While the store is away it is this instance's own.
    let report = shop.ledger.report_of_fleet().await.unwrap_or_else(|_| shop.ledger.report());
    let tenant_log = shop.demo.as_ref().map(|demo| {
        let codes = ["s", "seacft", "feacft", "sertft", "fertft", "ferrt", "seccft"];
        codes.into_iter().map(|code| (code, demo.provider.log_count(code))).collect()
    });
    Json(LedgerView { report, tenant_log })
}

/// GET /api/worker: what the worker has done, with a token of the shop's own.
pub(crate) async fn worker(_: Session, State(shop): State<Shop>) -> Result<Json<Done>, StatusCode> {
    shop.worker.map(|worker| Json(worker.done())).ok_or(StatusCode::NOT_FOUND)
}

/// POST /api/demo/work: lets the worker run once more. There only in the demo.
pub(crate) async fn work(_: Session, State(shop): State<Shop>) -> Result<Json<Done>, StatusCode> {
    match shop.worker {
        Some(worker) => Ok(Json(worker.run().await)),
        None => Err(StatusCode::NOT_FOUND),
    }
}

/// POST /api/demo/expire: moves the clock until every token has expired. There only in the demo.
///
/// It asks for the session and not for a token, which would be refreshed first.
pub(crate) async fn expire(_: Session, State(shop): State<Shop>) -> Json<Value> {
    if let Some(demo) = &shop.demo {
        demo.expire_tokens();
    }
    Json(json!({ "now": shop.clock.now().unix_seconds() }))
}

/// The token that the products API is called with, also where `AUTH_AUDIENCE` names another API.
fn for_products() -> AccessTokenRequest {
    AccessTokenRequest::new().with_audience(AUDIENCE)
}

/// What the browser may know of a session.
#[derive(Serialize)]
pub(crate) struct SessionView {
    user: UserView,
    scopes: Vec<String>,
    audience: &'static str,
    /// In seconds since the epoch, as `now` is.
    expires_at: u64,
    now: u64,
    remaining_ms: u64,
}

#[derive(Serialize)]
struct UserView {
    sub: String,
    name: Option<String>,
    email: Option<String>,
    connection: Option<String>,
}

impl SessionView {
    fn new<P>(user: &User, token: &AccessToken<P>, shop: &Shop) -> Self {
        let now = shop.clock.now();
        let remaining = token.expires_at().since(now).as_millis();
        let user = UserView {
            sub: user.subject().to_string(),
            name: user.name().map(str::to_owned),
            email: user.email().map(str::to_owned),
            connection: connection(user).map(str::to_owned),
        };
        Self {
            user,
            scopes: token.scopes().iter().map(str::to_owned).collect(),
            audience: AUDIENCE,
            expires_at: token.expires_at().unix_seconds(),
            now: now.unix_seconds(),
            remaining_ms: u64::try_from(remaining).unwrap_or(u64::MAX),
        }
    }
}

/// The ledger, and in the demo the provider's own count beside it.
#[derive(Serialize)]
pub(crate) struct LedgerView {
    #[serde(flatten)]
    report: LedgerReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_log: Option<BTreeMap<&'static str, usize>>,
}
