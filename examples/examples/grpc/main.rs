//! Shows: `#[require_auth]` on a gRPC service, and the statuses that its callers get.
//!
//! Run: `cargo run -p examples --example grpc`.
//! You see three callers: one without a token is unauthenticated, one whose token may only read lacks a
//! scope for `Add`, and one whose token may write passes. The provider is embedded; the methods are
//! described in `examples/build.rs`, their messages in `shop.rs` beside this.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use std::sync::Mutex;

use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
use auth_layer::testing::{IdentityProvider, TestAccessToken};
use auth_layer::{AccessToken, Auth, require_auth};
use shop::{AddReply, ListReply, ListRequest, Product, shop_server};
use tonic::transport::{Endpoint, Server, server::TcpIncoming};
use tonic::{Request, Response, Status};

mod callers;
mod shop;

mod scopes {
    auth_layer::scopes! {
        /// Products API
        pub(crate) api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

struct Shop(Mutex<Vec<String>>);

#[require_auth(scopes = ["read:products"])]
#[tonic::async_trait]
impl shop_server::Shop for Shop {
    async fn list(&self, _: Request<ListRequest>) -> Result<Response<ListReply>, Status> {
        Ok(Response::new(ListReply { names: self.0.lock().unwrap().clone() }))
    }

    #[require_auth(scopes = ["write:products"])]
    async fn add(&self, call: Request<Product>, by: AccessToken) -> Result<Response<AddReply>, Status> {
        let mut names = self.0.lock().unwrap();
        names.push(format!("{}, added by {}", call.into_inner().name, by.subject().unwrap()));
        Ok(Response::new(AddReply {}))
    }
}

#[tokio::main]
async fn main() {
    let op = IdentityProvider::start().await;
    let api = ResourceServerConfig::builder("https://api.shop.example");
    let api = api.add_issuer(TrustedIssuer::new(&op.issuer())).build().unwrap();
    let auth = Auth::resource_server(api).await.unwrap();
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", incoming.local_addr().unwrap());
    let service = shop_server::ShopServer::new(Shop(Mutex::default()));
    tokio::spawn(Server::builder().layer(auth.layer()).add_service(service).serve_with_incoming(incoming));

    let channel = Endpoint::from_shared(url).unwrap().connect().await.unwrap();
    let token = |scopes| {
        let token = TestAccessToken::new("local|ada").with_audience("https://api.shop.example");
        op.issue_access_token(token.with_scopes(scopes))
    };
    callers::call(channel.clone(), "a stranger", None).await;
    callers::call(channel.clone(), "a reader", Some(token("read:products"))).await;
    callers::call(channel, "an editor", Some(token("read:products write:products"))).await;
}
