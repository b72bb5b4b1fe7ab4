//! Adds to api: one handler for users with a session and for programs with a bearer token.
//!
//! Run: `cargo run -p examples --example both`.
//! You see the same address answer a user's session, a program's token, and a bad token beside a good
//! session, which is a 401: the `Authorization` header wins.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use auth_layer::axum::{Router, routing::post};
use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
use auth_layer::testing::{IdentityProvider, TestAccessToken, TestSession, bearer, session_cookie};
use auth_layer::{AccessToken, Auth, AuthConfig, require_auth};
use axum::body::{Body, to_bytes};
use http::Request;
use tower::ServiceExt as _;

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
    format!("from the {:?}, for a {:?}", token.source(), token.principal())
}

#[tokio::main]
async fn main() {
    let op = IdentityProvider::start().await;
    let api = ResourceServerConfig::builder("https://api.shop.example")
        .add_issuer(TrustedIssuer::new(&op.issuer()));
    let config = AuthConfig::builder(&op.issuer(), &op.client_id(), "http://127.0.0.1:3000")
        .with_client_secret(op.client_secret())
        .with_audience("https://api.shop.example")
        .add_session_key("a key for this example alone; yours comes from `openssl rand -hex 32`")
        .with_resource_server(api.build().unwrap());
    let auth = Auth::discover(config.build().unwrap()).await.unwrap();
    let app = Router::new().route("/products", post(products)).layer(auth.layer());

    let session =
        session_cookie(&auth, TestSession::new("ada").with_scopes("openid read:products")).await.unwrap();
    let program = op.issue_access_token(TestAccessToken::for_client("worker").with_scopes("read:products"));
    let calls = [
        (
            "a page of ours, with ada's session",
            Request::post("/products")
                .header("cookie", session.clone())
                .header("sec-fetch-site", "same-origin"),
        ),
        (
            "another site's page, with ada's session",
            Request::post("/products")
                .header("cookie", session.clone())
                .header("sec-fetch-site", "cross-site"),
        ),
        ("a program", Request::post("/products").header("authorization", bearer(&program))),
        (
            "a bad token beside ada's session",
            Request::post("/products").header("cookie", session).header("authorization", bearer("made-up")),
        ),
    ];
    for (what, request) in calls {
        let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        println!("{what}: {status}\n    {}", String::from_utf8_lossy(&body));
    }
}
