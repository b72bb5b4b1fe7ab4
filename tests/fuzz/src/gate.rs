//! The whole way of a request: the layer, the gate, and a handler that tells what it was given.

use auth_layer::config::{DpopPolicy, ResourceServerConfig, TokenProfile, TrustedIssuer};
use auth_layer::{AccessToken, Auth, Clock, require_auth};
use axum::body::{Body, Bytes};
use axum::routing::any;
use axum::{Json, Router};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::answers::origin;
use crate::{API, LENIENT, NOW, STRICT};

/// A service behind its layer.
pub(crate) struct Gate {
    runtime: Runtime,
    service: Router,
}

/// What a request got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Gate {
    /// Puts the layer around a service; its setting up may wait for documents.
    pub(crate) fn around(service: Router, auth: impl AsyncFnOnce() -> Auth) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let layer = runtime.block_on(auth()).layer();
        Self { service: service.layer(layer), runtime }
    }

    /// An API at `/orders` that takes tokens of [`LENIENT`] and [`STRICT`], bound ones too.
    pub(crate) fn of_an_api(
        more: impl FnOnce([TrustedIssuer; 2]) -> [TrustedIssuer; 2],
        cache_bytes: usize,
    ) -> Self {
        let jwks_uri = format!("{}/jwks", origin());
        let lenient = TrustedIssuer::new(LENIENT).with_profile(TokenProfile::Lenient);
        let issuers = [lenient, TrustedIssuer::new(STRICT)].map(|issuer| issuer.with_jwks_uri(&jwks_uri));
        let [lenient, strict] = more(issuers);
        let config = ResourceServerConfig::builder(API)
            .add_issuer(lenient)
            .add_issuer(strict)
            .with_base_url(API)
            .with_dpop(DpopPolicy::new())
            .with_token_cache_bytes(cache_bytes)
            .with_clock(Clock::manual(NOW))
            .build()
            .expect("the configuration is sound");
        Self::around(Router::new().route("/orders", any(told)), async move || {
            Auth::resource_server(config).await.expect("the configuration is sound")
        })
    }

    pub(crate) fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let response = self.service.clone().oneshot(request).await.expect("a router never fails");
            let (parts, body) = response.into_parts();
            let body = body.collect().await.expect("the body is in memory").to_bytes();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }
}

impl Answer {
    /// What the handler was given, where the request came so far.
    pub(crate) fn told(&self) -> Option<Value> {
        let told = self.status == StatusCode::OK && self.headers.get("content-type")? == "application/json";
        told.then(|| serde_json::from_slice(&self.body).expect("the handler writes JSON"))
    }

    /// Fails where a refusal lacks what its status promises.
    pub(crate) fn check_refusal(&self) {
        let has = |name: &str| self.headers.contains_key(name);
        match self.status.as_u16() {
            400 => assert!(has("www-authenticate"), "400 without a challenge: {self:?}"),
            401 => assert!(has("www-authenticate"), "401 without a challenge: {self:?}"),
            503 => assert!(has("retry-after"), "503 without a time to wait: {self:?}"),
            _ => panic!("a refusal is 400, 401 or 503: {self:?}"),
        }
    }
}

/// All that a token says of itself.
#[require_auth]
async fn told(token: AccessToken) -> Json<Value> {
    Json(json!({
        "issuer": token.issuer().map(|issuer| issuer.as_str()),
        "subject": token.subject().map(|subject| subject.as_str()),
        "client": token.client_id().map(|client| client.as_str()),
        "jti": token.token_id(),
        "audience": token.audience(),
        "expires": token.expires_at().unix_seconds(),
        "scopes": token.scopes().iter().collect::<Vec<_>>(),
        "principal": format!("{:?}", token.principal()),
        "claims": token.claims(),
        "value": token.expose(),
    }))
}
