//! Adds to hello: an API behind the application, whose token no browser ever sees.
//!
//! Run: `cargo run -p examples --example proxy`.
//! You see what a stranger and a user get at `/api/products`, and what the API was sent for it: a token in
//! place of the cookie. Then open the address, log in as `ada`, `ada-password`, and see it yourself.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use auth_layer::axum::{Router, routing::get};
use auth_layer::config::{ConfigError, ResourceServerConfig, TrustedIssuer};
use auth_layer::testing::{IdentityProvider, TestAccessToken, TestSession, session_cookie};
use auth_layer::{AccessToken, Auth, AuthConfig, User, public, require_auth};
use axum::response::Html;
use http::HeaderMap;
use tokio::net::TcpListener;

mod scopes {
    auth_layer::scopes! {
        /// Products API
        pub(crate) api Products = "https://api.shop.example" {
            /// Read the catalogue
            ReadProducts = "read:products",
        }
    }
}

/// Of the API, a service of its own: it knows tokens, and neither cookies nor browsers.
#[require_auth(scopes = ["read:products"])]
async fn products(token: AccessToken, headers: HeaderMap) -> String {
    let (cookie, by) = (headers.contains_key("cookie"), headers["x-forwarded-host"].to_str().unwrap());
    format!("products for {}, asked by {by}, cookie: {cookie}\n", token.subject().unwrap())
}

#[public]
async fn home(user: Option<User>) -> Html<&'static str> {
    Html(match user {
        None => r#"Nobody is logged in. <a href="/auth/login">Log in</a>"#,
        Some(_) => r#"You are logged in. <a href="/api/products">Products, of the API</a>"#,
    })
}

fn configure(op: &IdentityProvider, here: &str) -> Result<AuthConfig, ConfigError> {
    op.register_redirect_uri(&format!("{here}/auth/callback"));
    AuthConfig::builder(&op.issuer(), &op.client_id(), here)
        .with_client_secret(op.client_secret())
        .with_audience("https://api.shop.example")
        .with_scopes("openid profile email offline_access read:products")
        .add_session_key("a key for this example alone; yours comes from `openssl rand -hex 32`")
        .build()
}

#[tokio::main]
async fn main() {
    let [at_api, at_app] = [TcpListener::bind("127.0.0.1:0"), TcpListener::bind("127.0.0.1:0")];
    let (at_api, at_app) = (at_api.await.unwrap(), at_app.await.unwrap());
    let url = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
    let (there, here) = (url(&at_api), url(&at_app));
    let op = IdentityProvider::start().await;

    let config = ResourceServerConfig::builder("https://api.shop.example");
    let config = config.add_issuer(TrustedIssuer::new(&op.issuer())).build().unwrap();
    let api_auth = Auth::resource_server(config).await.unwrap();
    let api = Router::new().route("/v1/products", get(products)).layer(api_auth.layer());
    tokio::spawn(axum::serve(at_api, api).into_future());

    let auth = Auth::discover(configure(&op, &here).unwrap()).await.unwrap();
    let shop = auth.proxy("/api", &format!("{there}/v1")).unwrap().with_scopes(["read:products"]);
    let app = Router::new().route("/", get(home)).nest_service("/api", shop).layer(auth.layer());
    let serving = tokio::spawn(axum::serve(at_app, app).into_future());

    let token = TestAccessToken::new("local|ada").with_audience("https://api.shop.example");
    let token = op.issue_access_token(token.with_scopes("read:products"));
    let session = TestSession::new("local|ada").with_scopes("openid read:products").with_access_token(token);
    let cookie = session_cookie(&auth, session).await.unwrap();
    let ask = || reqwest::Client::new().get(format!("{here}/api/products"));
    println!("a stranger: {}", ask().send().await.unwrap().status());
    println!("Ada: {}", ask().header("cookie", cookie).send().await.unwrap().text().await.unwrap());
    println!("open {here}");
    serving.await.unwrap().unwrap();
}
