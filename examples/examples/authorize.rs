//! Adds to worker: an API that it calls, through an HTTP client that puts the token on by itself.
//!
//! Run: `cargo run -p examples --example authorize`.
//! You see a call, one whose refused token is replaced at once, and one to another origin, which gets none.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use std::time::Duration;

use auth_layer::axum::{Router, routing::get};
use auth_layer::config::{ClientCredentialsConfig, ResourceServerConfig, TrustedIssuer};
use auth_layer::outbound::HttpClient;
use auth_layer::outbound::authorize::{AuthorizeService, EmptyBodies};
use auth_layer::testing::{ClientRegistration, IdentityProvider};
use auth_layer::{Auth, ClientCredentials, Clock, Issuer, Subject, public, require_auth};
use http::{HeaderMap, Request};
use tokio::net::TcpListener;
use tower::{Layer as _, ServiceExt as _};

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
struct CountsStock;

type Client = AuthorizeService<HttpClient<reqwest::Client, reqwest::Request, reqwest::Body>, EmptyBodies>;

async fn fetch(client: &Client, url: &str) -> String {
    let request = Request::get(url).body(reqwest::Body::default()).unwrap();
    reqwest::Response::from(client.clone().oneshot(request).await.unwrap()).text().await.unwrap()
}

/// Of the API, a service of its own.
#[require_auth(scopes = ["read:products"])]
async fn products() -> &'static str {
    "three products"
}

/// Of somebody else.
#[public]
async fn elsewhere(headers: HeaderMap) -> String {
    format!("a token came along: {}", headers.contains_key("authorization"))
}

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, app).into_future());
    url
}

#[tokio::main]
async fn main() {
    let (clock, worker) = (Clock::adjustable(), ClientRegistration::confidential("worker", "for-loopback"));
    let op = IdentityProvider::builder().clock(clock.clone()).client(worker).start().await.unwrap();
    let api = ResourceServerConfig::builder("https://api.shop.example").with_clock(clock.clone());
    let api = api.add_issuer(TrustedIssuer::new(&op.issuer())).build().unwrap();
    let api = Auth::resource_server(api).await.unwrap();
    let shop = serve(Router::new().route("/products", get(products)).layer(api.layer())).await;
    let other = serve(Router::new().route("/", get(elsewhere))).await;

    let config = ClientCredentialsConfig::builder(&op.issuer(), "worker", "for-loopback");
    let machine = ClientCredentials::discover(config.with_clock(clock.clone()).build().unwrap());
    let authorize = machine.await.unwrap().authorize::<CountsStock>(&shop).unwrap();
    let client: Client = authorize.layer(HttpClient::new(reqwest::Client::new()));

    println!("the API: {}", fetch(&client, "/products").await);
    // The API refuses what the worker was issued so far; a token is replaced that is a minute old.
    api.revoke_subject(&Issuer::from(op.issuer()), &Subject::from("worker"), Duration::from_secs(3_600));
    clock.advance(Duration::from_secs(61));
    println!("the API, after a refusal: {}", fetch(&client, "/products").await);
    println!("elsewhere: {}", fetch(&client, &other).await);
    println!("all that cost {} tokens", op.log_count("seccft"));
}
