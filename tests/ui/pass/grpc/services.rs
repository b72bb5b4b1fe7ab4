//! Methods of services, guarded by the attribute above their `impl`.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]

use auth_layer::token::{Grants, Requirement};
use auth_layer::{AccessToken, require_auth};
use scopes::ReadProducts;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" { ReadProducts = "read:products" }
    }
}

fn list_of(_: &AccessToken<impl Grants<ReadProducts>>) {}

type Products = std::pin::Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

/// What `tonic-build` writes for a service, in short.
#[tonic::async_trait]
pub trait Shop: Send + Sync + 'static {
    /// Unary.
    async fn list(&self, request: Request<String>) -> Result<Response<String>, Status>;
    /// Unary.
    async fn count(&self, request: Request<String>) -> Result<Response<usize>, Status>;
    /// Anyone may call.
    async fn ping(&self, request: Request<()>) -> Result<Response<()>, Status>;
    /// The stream of `watch`.
    type WatchStream: Stream<Item = Result<String, Status>> + Send + 'static;
    /// Of the server.
    async fn watch(&self, request: Request<()>) -> Result<Response<Self::WatchStream>, Status>;
    /// Of the client.
    async fn import(&self, request: Request<Streaming<String>>) -> Result<Response<u32>, Status>;
}

/// A shelf.
#[derive(Debug)]
pub struct Shelf {
    name: String,
}

#[require_auth(scopes = ["read:products"])]
#[tonic::async_trait]
impl Shop for Shelf {
    async fn list(
        &self,
        request: Request<String>,
        token: AccessToken,
    ) -> Result<Response<String>, Status> {
        list_of(&token);
        Ok(Response::new(format!("{}: {}", self.name, request.get_ref())))
    }

    #[require_auth(user)]
    async fn count(&self, mut request: Request<String>) -> Result<Response<usize>, Status> {
        request.metadata_mut().clear();
        if request.get_ref().is_empty() {
            return Err(Status::not_found("sold out"));
        }
        Ok(Response::new(self.name.len()))
    }

    #[public]
    async fn ping(&self, _: Request<()>) -> Result<Response<()>, Status> {
        Ok(Response::new(()))
    }

    type WatchStream = Products;

    async fn watch(&self, _: Request<()>, _: AccessToken) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(Box::pin(tokio_stream::once(Ok(self.name.clone())))))
    }

    async fn import(&self, request: Request<Streaming<String>>) -> tonic::Result<Response<u32>> {
        let mut products = request.into_inner();
        let mut count = 0;
        while products.message().await?.is_some_and(|product| product != self.name) {
            count += 1;
        }
        Ok(Response::new(count))
    }
}

fn sent<T: Send>(_: T) {}

fn main() {
    let shelf = Shelf { name: "shelf".to_owned() };
    sent(shelf.list(Request::new(String::new())));
    sent(shelf.watch(Request::new(())));
    assert_eq!(ShelfShopListHandler::RULE.scopes(), ["read:products"]);
    assert_eq!(ShelfShopCountHandler::RULE.scopes(), ["read:products"]);
    assert!(ShelfShopCountHandler::RULE.principal().is_some());
}
