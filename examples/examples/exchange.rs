//! An API that calls another on its user's behalf, by token exchange (RFC 8693).
//!
//! Run: `cargo run -p examples --example exchange`.
//! You see the token that the API got for the billing API in exchange for its caller's, what happens to a user
//! who may not do what is asked for, and the ledger: a hundred calls more made no exchange more.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use auth_layer::config::{AuthConfig, ResourceServerConfig, TrustedIssuer};
use auth_layer::testing::{IdentityProvider, TestAccessToken, User, bearer};
use auth_layer::token::Grants;
use auth_layer::{AccessToken, Auth, require_auth};
use axum::{Router, extract::State, routing::get};
use scopes::ReadInvoices;
use tower::ServiceExt as _;

mod scopes {
    auth_layer::scopes! {
        pub(crate) api Products = "https://api.shop.example" { ReadProducts = "read:products" }
        pub(crate) api Billing = "https://billing.example" { ReadInvoices = "read:invoices", PayInvoices = "pay:invoices" }
    }
}

#[require_auth(scopes = ["read:invoices"])]
struct ReadsInvoices;

#[require_auth(scopes = ["pay:invoices"])]
struct PaysInvoices;

#[require_auth(scopes = ["read:products"])]
async fn invoices(token: AccessToken, State(auth): State<Auth>) -> String {
    match auth.exchange_for::<ReadsInvoices>(&token).await {
        Ok(billing) => list(&billing),
        Err(error) => error.to_string(),
    }
}

#[require_auth(scopes = ["read:products"])]
async fn pay(token: AccessToken, State(auth): State<Auth>) -> String {
    let paid = auth.exchange_for::<PaysInvoices>(&token).await;
    paid.map_or_else(|error| error.to_string(), |billing| format!("paid with {}", billing.scopes()))
}

/// Stands for a call of the billing API, which would send `token.authorization()`.
fn list(token: &AccessToken<impl Grants<ReadInvoices>>) -> String {
    format!("{:?} token for {}: {}", token.source(), token.audience().unwrap_or_default(), token.scopes())
}

fn configure(op: &IdentityProvider) -> AuthConfig {
    let issuer = TrustedIssuer::new(&op.issuer());
    let api = ResourceServerConfig::builder("https://api.shop.example").add_issuer(issuer).build().unwrap();
    AuthConfig::builder(&op.issuer(), &op.client_id(), "http://127.0.0.1:3000")
        .with_client_secret(op.client_secret())
        .add_session_key("a key for this example alone; yours comes from `openssl rand -hex 32`")
        .with_resource_server(api)
        .build()
        .unwrap()
}

#[tokio::main]
async fn main() {
    let op =
        IdentityProvider::builder().add_api("https://billing.example", &["read:invoices", "pay:invoices"]);
    let op = op.add_user(User::bob().without_scope("pay:invoices")).start().await.unwrap();
    let auth = Auth::discover(configure(&op)).await.unwrap();
    let app = Router::new().route("/invoices", get(invoices)).route("/pay", get(pay));
    let app = app.with_state(auth.clone()).layer(auth.layer());
    let token = op.issue_access_token(TestAccessToken::new("local|bob").with_scopes("read:products"));
    let call = async |path: &str| {
        let request = http::Request::get(path).header("authorization", bearer(&token));
        let response = app.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), 65_536).await.unwrap();
        String::from_utf8_lossy(&body).into_owned()
    };
    println!("Bob reads his invoices:  {}", call("/invoices").await);
    futures_util::future::join_all((0..100).map(|_| call("/invoices"))).await;
    println!("Bob tries to pay one:    {}", call("/pay").await);
    for line in auth.ledger().report().lines {
        println!("{:>3} x {}: {}", line.count, line.log_code.unwrap_or("no answer"), line.why);
    }
}
