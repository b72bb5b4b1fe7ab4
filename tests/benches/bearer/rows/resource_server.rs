//! A peer: `tower-oauth2-resource-server`, which discovers the issuer and is a layer as ours is.

use std::time::Duration;

use axum::routing::get;
use axum::{Extension, Router};
use http::Request;
use tower::ServiceExt as _;
use tower_oauth2_resource_server::server::OAuth2ResourceServer;
use tower_oauth2_resource_server::tenant::TenantConfiguration;

use super::issuer::{AUDIENCE, Issuer};
use super::json_web_token::Claims;
use super::scenario::{Scenario, Traffic, always};

/// The rows of this peer, which has no memory: a token is verified again each time.
pub(crate) async fn scenarios(issuer: &Issuer) -> Vec<Scenario> {
    let app = router(issuer).await;
    Traffic::WITH_TOKENS
        .map(|traffic| Scenario::new("tower-oauth2-resource-server", issuer, traffic, always(app.clone())))
        .into()
}

/// A router whose only handler takes the verified claims; it has its keys.
async fn router(issuer: &Issuer) -> Router {
    let tenant = TenantConfiguration::builder(issuer.op.issuer())
        .audiences(&[AUDIENCE])
        // No fetch in the midst of a measurement.
        .jwks_refresh_interval(Duration::from_secs(24 * 3_600))
        .build()
        .await
        .expect("the issuer is discovered");
    let server = OAuth2ResourceServer::<Claims>::builder().add_tenant(tenant).build().await;
    let layer = server.expect("one tenant is enough").into_layer();
    let app = Router::new().route("/open", get(async |_: Extension<Claims>| "open")).layer(layer);
    // It fetches its keys after it was built, and says nothing when it has them.
    while !is_open(&app, issuer).await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app
}

async fn is_open(app: &Router, issuer: &Issuer) -> bool {
    let request = Request::get("/open").header("authorization", issuer.tokens[0].authorization.clone());
    let request = request.body(axum::body::Body::empty()).expect("a sound request");
    let Ok(response) = app.clone().oneshot(request).await;
    response.status() == 200
}
