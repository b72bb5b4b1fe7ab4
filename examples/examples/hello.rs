//! Shows: the smallest web application whose users log in, and a handler that gets their token.
//!
//! Run: `cargo run -p examples --example hello`, and open the address that it prints.
//! You see nobody, then after a login (as `ada`, `ada-password`) that you are logged in, and at
//! `/products` your subject and what your token may do. The provider is embedded; with one of your
//! own, `AuthConfig::from_env()` is all that `configure` has to be.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use auth_layer::axum::{Router, routing::get};
use auth_layer::testing::IdentityProvider;
use auth_layer::token::Grants;
use auth_layer::{AccessToken, Auth, AuthConfig, User, public, require_auth};
use axum::response::Html;
use scopes::ReadProducts;

mod scopes {
    auth_layer::scopes! {
        /// Products API
        pub(crate) api Products = "https://api.shop.example" {
            /// Read the catalogue
            ReadProducts = "read:products",
        }
    }
}

#[public]
async fn home(user: Option<User>) -> Html<&'static str> {
    Html(match user {
        None => r#"Nobody is logged in. <a href="/auth/login">Log in</a>"#,
        Some(_) => {
            r#"You are logged in. <a href="/products">Products</a> <a href="/auth/logout">Log out</a>"#
        }
    })
}

#[require_auth(scopes = ["read:products"])]
async fn products(token: AccessToken, user: User) -> String {
    format!("{}: {}", user.subject(), list(&token))
}

/// Stands for a call to an API, which would send `token.authorization()`.
fn list(token: &AccessToken<impl Grants<ReadProducts>>) -> String {
    format!("a token with the scopes {}", token.scopes())
}

fn configure(op: &IdentityProvider, here: &str) -> Result<AuthConfig, auth_layer::config::ConfigError> {
    op.register_redirect_uri(&format!("{here}/auth/callback"));
    op.register_post_logout_redirect_uri(&format!("{here}/"));
    AuthConfig::builder(&op.issuer(), &op.client_id(), here)
        .with_client_secret(op.client_secret())
        .with_audience("https://api.shop.example")
        .with_scopes("openid profile email offline_access read:products")
        .add_session_key("a key for this example alone; yours comes from `openssl rand -hex 32`")
        .build()
}

#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let op = IdentityProvider::start().await;
    let auth = Auth::discover(configure(&op, &here).unwrap()).await.unwrap();
    let app = Router::new().route("/", get(home)).route("/products", get(products)).layer(auth.layer());
    println!("open {here}");
    axum::serve(listener, app).await.unwrap();
}
