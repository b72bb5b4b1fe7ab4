//! Functions over `tonic::Request`, as the methods of a service call them.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]

use std::pin::Pin;

use auth_layer::gate::Rejection;
use auth_layer::token::Grants;
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

type Products = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

/// What `tonic-build` writes for a service, in short.
#[tonic::async_trait]
pub trait ShopService: Send + Sync + 'static {
    /// Unary.
    async fn list(&self, request: Request<String>) -> Result<Response<String>, Status>;
    /// Unary.
    async fn count(&self, request: Request<String>) -> Result<Response<usize>, Status>;
    /// The stream of `watch`.
    type WatchStream: Stream<Item = Result<String, Status>> + Send + 'static;
    /// Of the server.
    async fn watch(&self, request: Request<()>) -> Result<Response<Self::WatchStream>, Status>;
    /// Of the client.
    async fn import(&self, request: Request<Streaming<String>>) -> Result<Response<u32>, Status>;
    /// Of both.
    async fn converse(&self, request: Request<Streaming<String>>) -> Result<Response<Products>, Status>;
}

/// A shop.
#[derive(Debug)]
pub struct Shop {
    name: String,
}

/// With all that a method has to hand on.
#[require_auth(scopes = ["read:products"])]
async fn list(request: Request<String>, token: AccessToken, shop: &Shop) -> Result<Response<String>, Status> {
    list_of(&token);
    Ok(Response::new(format!("{}: {}", shop.name, request.get_ref())))
}

/// The error of an application.
#[derive(Debug)]
pub enum ShopError {
    /// From `#[require_auth]`.
    Refused(Rejection),
    /// Its own.
    SoldOut,
}

impl From<Rejection> for ShopError {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

impl From<ShopError> for Status {
    fn from(error: ShopError) -> Self {
        match error {
            ShopError::Refused(rejection) => rejection.into(),
            ShopError::SoldOut => Self::not_found("sold out"),
        }
    }
}

/// With lifetimes, generics, a pattern and an error of its own; the token is last.
///
/// # Errors
/// Nothing is left.
#[require_auth(any_scopes = ["read:products"])]
pub async fn count<'shop, T>(
    mut request: tonic::Request<T>,
    Shop { name }: &'shop Shop,
    words: &mut Vec<&'shop str>,
    _: AccessToken,
) -> Result<tonic::Response<usize>, ShopError>
where
    T: AsRef<str> + Send,
{
    request.metadata_mut().clear();
    words.push(name);
    if request.get_ref().as_ref().is_empty() {
        return Err(ShopError::SoldOut);
    }
    Ok(Response::new(words.len()))
}

/// A stream of a type that has no name.
#[require_auth]
async fn watch(_: Request<()>) -> Result<Response<impl Stream<Item = Result<String, Status>> + use<>>, Status> {
    Ok(Response::new(tokio_stream::once(Ok(String::new()))))
}

#[require_auth]
async fn import(request: Request<Streaming<String>>, shop: &Shop) -> tonic::Result<Response<u32>> {
    let mut products = request.into_inner();
    let mut count = 0;
    while products.message().await?.is_some_and(|product| product != shop.name) {
        count += 1;
    }
    Ok(Response::new(count))
}

#[require_auth(scopes = ["read:products"])]
async fn converse(request: Request<Streaming<String>>, token: AccessToken) -> Result<Response<Products>, Status> {
    list_of(&token);
    Ok(Response::new(Box::pin(request.into_inner())))
}

#[tonic::async_trait]
impl ShopService for Shop {
    type WatchStream = Products;

    async fn list(&self, request: Request<String>) -> Result<Response<String>, Status> {
        list(request, self).await
    }

    async fn count(&self, request: Request<String>) -> Result<Response<usize>, Status> {
        Ok(count(request, self, &mut Vec::new()).await?)
    }

    async fn watch(&self, request: Request<()>) -> Result<Response<Products>, Status> {
        Ok(watch(request).await?.map(|products| Box::pin(products) as Products))
    }

    async fn import(&self, request: Request<Streaming<String>>) -> Result<Response<u32>, Status> {
        import(request, self).await
    }

    async fn converse(&self, request: Request<Streaming<String>>) -> Result<Response<Products>, Status> {
        converse(request).await
    }
}

fn sent<T: Send>(_: T) {}

fn main() {
    let shop = Shop { name: "shop".to_owned() };
    sent(list(Request::new(String::new()), &shop));
    sent(watch(Request::new(())));
    sent(shop.list(Request::new(String::new())));
}
