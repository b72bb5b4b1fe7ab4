//! A small application on a loopback port, and the certified provider it logs in at.

use std::time::Duration;

use auth_layer::config::{AuthConfigBuilder, ClientAuthentication};
use auth_layer::gate::AccessTokenRequest;
use auth_layer::{AccessToken, Auth, AuthConfig, Clock, Session, require_auth};
use aws_lc_rs::digest;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::node::{ACCESS_TOKEN_LIFETIME, CertifiedProvider, Client};
use crate::person::{Page, Person};

/// An application, its provider, and the clock that only the application goes by.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) provider: CertifiedProvider,
    pub(crate) clock: Clock,
    pub(crate) auth: Auth,
    base_url: String,
    server: JoinHandle<()>,
}

impl App {
    /// Starts a provider, and an application that is its client.
    pub(crate) async fn start(client: Client) -> Self {
        Self::start_with(client, |config| config.with_audience(PRODUCTS)).await
    }

    /// As [`App::start`], with a configuration that names an audience itself, or none.
    pub(crate) async fn start_with(
        client: Client,
        change: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder,
    ) -> Self {
        // The port comes first: the provider must know where it may send users.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/", listener.local_addr().unwrap());
        let provider = CertifiedProvider::start(&base_url, client.algorithm).await;
        let clock = Clock::manual_from_now();
        let config = AuthConfig::builder(&provider.issuer, client.id, &base_url)
            .with_client_authentication(authentication(client))
            .with_scopes("openid profile email offline_access read:products write:products read:invoices")
            // Without it this provider gives no refresh token (OpenID Connect Core §11).
            .add_authorization_parameter("prompt", "consent")
            .add_session_key("a".repeat(64))
            .with_clock(clock.clone());
        let auth = Auth::discover(change(config).build().unwrap()).await.unwrap();
        let router = Router::new()
            .route("/", get(home))
            .route("/products", get(products))
            .route("/stock", get(stock))
            .route("/billing", get(billing))
            .route("/forced", get(forced))
            .route("/recent", get(recent))
            .route("/vault", get(vault))
            .layer(auth.layer());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { provider, clock, auth, base_url, server }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{}", self.base_url, path.trim_start_matches('/'))
    }

    /// Logs a new person in and returns them with the page they came back to.
    pub(crate) async fn log_in(&self, name: &str) -> (Person, Page) {
        let person = Person::new();
        let page = person.log_in(&self.url("/auth/login?returnTo=/"), name).await;
        (person, page)
    }

    /// Lets the application's time pass the end of every access token it holds.
    pub(crate) fn let_access_tokens_expire(&self) {
        self.clock.advance(ACCESS_TOKEN_LIFETIME + Duration::from_secs(1));
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The header (0) or the claims (1) of a JWT; the signature is judged by whom the token is for.
pub(crate) fn part(token: &str, number: usize) -> Value {
    let json = token.split('.').nth(number).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    json.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or(Value::Null)
}

fn authentication(client: Client) -> ClientAuthentication {
    match client.method {
        "client_secret_basic" => ClientAuthentication::Basic(client.secret.into()),
        "client_secret_post" => ClientAuthentication::Post(client.secret.into()),
        _ => ClientAuthentication::None,
    }
}

/// What the tests may know of a token: never its value.
fn describe<P>(token: &AccessToken<P>) -> Json<Value> {
    let fingerprint = digest::digest(&digest::SHA256, token.expose().as_bytes());
    Json(json!({
        "fingerprint": URL_SAFE_NO_PAD.encode(fingerprint),
        "claims": part(token.expose(), 1),
        "audience": token.audience(),
        "scopes": token.scopes().to_string(),
    }))
}

async fn home(session: Option<Session>) -> String {
    session.map_or("nobody".into(), |session| session.user().subject().to_string())
}

#[require_auth(scopes = ["read:products"])]
async fn products(token: AccessToken) -> Json<Value> {
    describe(&token)
}

#[require_auth(scopes = ["write:products"])]
async fn stock(token: AccessToken) -> Json<Value> {
    describe(&token)
}

#[require_auth(scopes = ["read:invoices"])]
async fn billing(token: AccessToken) -> Json<Value> {
    describe(&token)
}

#[require_auth(max_age = 300)]
async fn recent() -> &'static str {
    "recent"
}

#[require_auth(acr = "urn:test:gold")]
async fn vault() -> &'static str {
    "vault"
}

async fn forced(session: Session) -> Result<Json<Value>, (StatusCode, String)> {
    let wanted = AccessTokenRequest::new().with_forced_refresh();
    let token = session.access_token_with(wanted).await;
    token.map(|token| describe(&token)).map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}

pub(crate) const PRODUCTS: &str = "https://api.shop.example";
pub(crate) const BILLING: &str = "https://billing.shop.example";
