//! Shows: the smallest API, which takes bearer tokens and knows no session.
//!
//! Run: `cargo run -p examples --example api`.
//! You see what it answers without a token, with a good one, with one that lacks the scope, with one of
//! another API and with one that was revoked, and its metadata. The provider is embedded; with one of
//! your own, `ResourceServerConfig::from_env()` is all that `config` has to be.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use auth_layer::axum::{Router, routing::get};
use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
use auth_layer::testing::{IdentityProvider, TestAccessToken};
use auth_layer::{AccessToken, Auth, Issuer, require_auth};

mod scopes {
    auth_layer::scopes! {
        /// Products API
        pub(crate) api Products = "https://api.shop.example" {
            /// Read the catalogue
            ReadProducts = "read:products",
        }
    }
}

#[require_auth(scopes = ["read:products"])]
async fn products(token: AccessToken) -> String {
    format!("products for {}", token.subject().map_or("nobody", |subject| subject.as_str()))
}

#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let op = IdentityProvider::start().await;
    let config = ResourceServerConfig::builder("https://api.shop.example")
        .add_issuer(TrustedIssuer::new(&op.issuer()))
        .with_base_url(&here)
        .build()
        .unwrap();
    let auth = Auth::resource_server(config).await.unwrap();
    let app = Router::new().route("/products", get(products)).layer(auth.layer());
    tokio::spawn(async { axum::serve(listener, app).await });

    let token = TestAccessToken::new("ada").with_scopes("read:products").with_claim("jti", "first");
    let good = op.issue_access_token(token.clone());
    let lacking = op.issue_access_token(TestAccessToken::new("ada"));
    let elsewhere = op.issue_access_token(token.with_audience("https://other.example"));
    let call = async |what: &str, path: &str, token: Option<&str>| {
        let request = reqwest::Client::new().get(format!("{here}{path}"));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let challenge =
            answer.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        println!("{what}: {status}\n    {}", challenge.unwrap_or(body));
    };
    call("no token", "/products", None).await;
    call("a good token", "/products", Some(&good)).await;
    call("a token that lacks the scope", "/products", Some(&lacking)).await;
    call("a token of another API", "/products", Some(&elsewhere)).await;
    auth.revoke_token(
        &Issuer::from(op.issuer()),
        "first",
        op.clock().now().plus(std::time::Duration::from_secs(3_600)),
    );
    call("the good token, revoked", "/products", Some(&good)).await;
    call("the metadata", "/.well-known/oauth-protected-resource", None).await;
}
