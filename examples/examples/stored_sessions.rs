//! Adds to hello: sessions in a store, so that the cookie holds an id and no token.
//!
//! Run: `cargo run -p examples --example stored_sessions`, open the address, log in as `ada`.
//! You see how many sessions the store holds: one after your login, none after your logout.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use auth_layer::session::MemoryStore;
use auth_layer::testing::IdentityProvider;
use auth_layer::token::Grants;
use auth_layer::{AccessToken, Auth, AuthConfig, Clock, User, require_auth};
use axum::extract::State;
use axum::response::Html;
use axum::{Router, routing::get};
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

async fn home(user: Option<User>, State(store): State<MemoryStore>) -> Html<String> {
    let links = match user {
        None => r#"Nobody is logged in. <a href="/auth/login">Log in</a>"#,
        Some(_) => {
            r#"You are logged in. <a href="/products">Products</a> <a href="/auth/logout">Log out</a>"#
        }
    };
    Html(format!("{links}<p>Sessions in the store: {}</p>", store.len()))
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
    // For several instances, implement `SessionStore` for the store that they share.
    let store = MemoryStore::new(Clock::system());
    let auth = Auth::discover_with_store(configure(&op, &here).unwrap(), store.clone()).await.unwrap();
    let app = Router::new().route("/", get(home)).route("/products", get(products));
    let app = app.layer(auth.layer()).with_state(store);
    println!("open {here}");
    axum::serve(listener, app).await.unwrap();
}
