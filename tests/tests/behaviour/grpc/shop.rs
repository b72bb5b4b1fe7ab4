//! The service under test: a method of each kind, guarded above its `impl` or where it goes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_layer::token::Grants;
use auth_layer::{AccessToken, User, require_auth};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming};

pub(super) use generated::shop_client::ShopClient;
use generated::shop_server;
pub(super) use generated::shop_server::ShopServer;

use crate::scopes::ReadProducts;

mod generated {
    #![allow(unreachable_pub, missing_debug_implementations)]

    use super::Product;

    tonic::include_proto!("shop.v1.Shop");
}

/// A message, in and out.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Product {
    #[prost(string, tag = "1")]
    pub(super) name: String,
}

/// The service, which counts what it does.
#[derive(Clone, Debug, Default)]
pub(super) struct Shop {
    ran: Arc<AtomicUsize>,
    read: Arc<AtomicUsize>,
}

type Products = Pin<Box<dyn Stream<Item = Result<Product, Status>> + Send>>;

impl Product {
    pub(super) fn named(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Shop {
    /// How many functions ran.
    pub(super) fn ran(&self) -> usize {
        self.ran.load(Ordering::Relaxed)
    }

    /// How many messages of streams were read.
    pub(super) fn read(&self) -> usize {
        self.read.load(Ordering::Relaxed)
    }

    fn run(&self, _: &AccessToken<impl Grants<ReadProducts>>) {
        self.ran.fetch_add(1, Ordering::Relaxed);
    }
}

/// Answers with the subject of the token, and of the user where there is one.
#[require_auth(scopes = ["read:products"])]
pub(super) async fn list(
    request: Request<Product>,
    token: AccessToken,
    shop: &Shop,
) -> Result<Response<Product>, Status> {
    shop.run(&token);
    let user = request.extensions().get::<User>().map(|user| user.subject().to_string());
    let wanted = &request.get_ref().name;
    Ok(Response::new(Product::named(format!("{wanted} for {}", user.as_deref().unwrap_or("a client")))))
}

/// The functions of a service that guards its methods itself; `list` is guarded where it goes.
#[require_auth(scopes = ["read:products"])]
#[tonic::async_trait]
impl shop_server::Shop for Shop {
    #[public]
    async fn list(&self, request: Request<Product>) -> Result<Response<Product>, Status> {
        list(request, self).await
    }

    type WatchStream = Products;

    async fn watch(
        &self,
        request: Request<Product>,
        token: AccessToken,
    ) -> Result<Response<Products>, Status> {
        self.run(&token);
        let twice = [Ok(request.get_ref().clone()), Ok(request.into_inner())];
        Ok(Response::new(Box::pin(tokio_stream::iter(twice))))
    }

    #[require_auth(scopes = ["read:products", "write:products"])]
    async fn import(
        &self,
        request: Request<Streaming<Product>>,
        token: AccessToken,
    ) -> Result<Response<Product>, Status> {
        self.run(&token);
        let mut products = request.into_inner();
        let mut names = Vec::new();
        while let Some(product) = products.message().await? {
            self.read.fetch_add(1, Ordering::Relaxed);
            names.push(product.name);
        }
        Ok(Response::new(Product::named(names.join(" "))))
    }

    type ConverseStream = Products;

    #[require_auth(any_scopes = ["write:products"])]
    async fn converse(
        &self,
        request: Request<Streaming<Product>>,
        token: AccessToken,
    ) -> Result<Response<Products>, Status> {
        self.run(&token);
        let read = Arc::clone(&self.read);
        let echoed = request.into_inner().map(move |product| {
            read.fetch_add(1, Ordering::Relaxed);
            product
        });
        Ok(Response::new(Box::pin(echoed)))
    }
}
