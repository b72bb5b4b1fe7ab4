//! Shows: the layer and `#[require_auth]` without axum, around a plain function over `http` types.
//!
//! Run: `cargo run -p examples --example plain_tower`.
//! You see three answers: 401 for a call without a session, a redirect to login for a page, and 303
//! to the provider from the layer's own login route. No socket is opened but the provider's.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use std::convert::Infallible;

use auth_layer::testing::IdentityProvider;
use auth_layer::{AccessToken, Auth, AuthConfig, require_auth};
use http::{Request, Response};
use tower::{Layer, Service, ServiceExt, service_fn};

mod scopes {
    auth_layer::scopes! {
        /// Products API
        pub(crate) api Products = "https://api.shop.example" {
            /// Read the catalogue
            ReadProducts = "read:products",
        }
    }
}

/// Runs only for a user whose token has the scope; a refusal is the attribute's own response.
#[require_auth(scopes = ["read:products"])]
async fn products<B>(request: Request<B>, token: AccessToken) -> Result<Response<String>, Infallible>
where
    B: Send + 'static,
{
    Ok(Response::new(format!("{}: {}", request.uri(), token.scopes())))
}

#[tokio::main]
async fn main() {
    let op = IdentityProvider::start().await;
    let config = AuthConfig::builder(&op.issuer(), &op.client_id(), "http://127.0.0.1:3000")
        .with_client_secret(op.client_secret())
        .with_audience("https://api.shop.example")
        .with_scopes("openid offline_access read:products")
        .add_session_key("a key for this example alone; yours comes from `openssl rand -hex 32`")
        .build()
        .unwrap();
    let auth = Auth::discover(config).await.unwrap();
    // Hyper, a test, a Lambda: whatever calls a tower service can call this one.
    let mut service = auth.layer().layer(service_fn(products::<String>));

    let requests = [
        ("a call", Request::get("/products").body(String::new()).unwrap()),
        ("a page", Request::get("/products").header("accept", "text/html").body(String::new()).unwrap()),
        ("a login", Request::get("/auth/login").body(String::new()).unwrap()),
    ];
    for (what, request) in requests {
        let response = service.ready().await.unwrap().call(request).await.unwrap();
        let location = response.headers().get("location").map(|location| location.to_str().unwrap());
        println!("{what}: {} {}", response.status(), location.unwrap_or_default());
    }
}
