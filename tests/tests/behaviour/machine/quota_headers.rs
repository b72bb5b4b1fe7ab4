//! Quota headers that come with a token which costs no quota: the provider's own APIs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_layer::ClientCredentials;
use auth_layer::config::ClientCredentialsConfig;
use auth_layer::machine::{MachineTokenErrorKind, MachineTokenRequest};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::json;
use tests::CATALOGUE;

/// A provider that sends quota headers with each answer, also to what it does not count.
#[derive(Clone)]
struct Provider {
    issuer: String,
    answer: Arc<Mutex<(StatusCode, &'static str)>>,
}

impl Provider {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/", listener.local_addr().unwrap());
        let provider = Self { issuer, answer: Arc::new(Mutex::new((StatusCode::OK, ""))) };
        let app = axum::Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/oauth/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    fn answers(&self, status: StatusCode, quota: &'static str) {
        *self.answer.lock().unwrap() = (status, quota);
    }

    async fn machine(&self) -> ClientCredentials {
        let config = ClientCredentialsConfig::builder(&self.issuer, "worker", "s3cret").build().unwrap();
        ClientCredentials::discover(config).await.unwrap()
    }

    fn of_management(&self) -> MachineTokenRequest {
        MachineTokenRequest::new().with_audience(format!("{}api/v2/", self.issuer))
    }
}

async fn metadata(State(provider): State<Provider>) -> Response {
    let Provider { issuer, .. } = provider;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}authorize"),
        "token_endpoint": format!("{issuer}oauth/token"),
        "jwks_uri": format!("{issuer}jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
    .into_response()
}

async fn token(State(provider): State<Provider>) -> Response {
    let (status, quota) = *provider.answer.lock().unwrap();
    let headers = [("auth0-client-quota-limit", quota), ("retry-after", "5")];
    let body = json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 3_600 });
    (status, headers, Json(body)).into_response()
}

fn catalogue() -> MachineTokenRequest {
    MachineTokenRequest::new().with_audience(CATALOGUE)
}

#[tokio::test]
async fn what_the_provider_says_of_its_quota_is_heeded_with_whichever_token_it_says_it() {
    let provider = Provider::start().await;
    let machine = provider.machine().await;
    provider.answers(StatusCode::OK, "b=per_hour;q=10;r=0;t=3600");
    machine.token_with(provider.of_management()).await.unwrap();
    let seen: Vec<_> = machine.quota().into_iter().map(|bucket| (bucket.name, bucket.remaining)).collect();
    assert_eq!(seen, [("per_hour".to_owned(), Some(0))]);
    let error = machine.token_with(catalogue()).await.unwrap_err();
    assert!(matches!(error.kind(), MachineTokenErrorKind::QuotaExhausted { .. }), "{error:?}");
    // Of the provider's own APIs there are tokens all the same.
    machine.token_with(provider.of_management().with_scopes("read:logs")).await.unwrap();
}

/// Its quota is not theirs: they would wait an hour for nothing.
#[tokio::test]
async fn a_429_to_what_costs_no_quota_is_too_many_requests_whatever_the_headers_say() {
    let provider = Provider::start().await;
    let machine = provider.machine().await;
    provider.answers(StatusCode::TOO_MANY_REQUESTS, "b=per_hour;q=10;r=0;t=3600");
    let error = machine.token_with(provider.of_management()).await.unwrap_err();
    assert_eq!(error.kind(), &MachineTokenErrorKind::Unavailable);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
}
