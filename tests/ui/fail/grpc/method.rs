//! The attribute on a method of a service, and not above its `impl`; and above it, but too late.

use auth_layer::{AccessToken, require_auth};
use tonic::{Request, Response, Status};

struct Shop;

struct Other;

#[tonic::async_trait]
trait ShopService {
    async fn without_token(&self, request: Request<String>) -> Result<Response<String>, Status>;
    async fn with_token(&self, request: Request<String>) -> Result<Response<String>, Status>;
}

#[require_auth] // right: above the `impl`, and above `#[tonic::async_trait]`
#[tonic::async_trait]
impl ShopService for Shop {
    async fn without_token(&self, _: Request<String>) -> Result<Response<String>, Status> {
        Ok(Response::new(String::new()))
    }

    #[require_auth(user)]
    async fn with_token(&self, _: Request<String>, _token: AccessToken) -> Result<Response<String>, Status> {
        Ok(Response::new(String::new()))
    }
}

#[tonic::async_trait]
impl ShopService for Other {
    #[require_auth]
    async fn without_token(&self, _: Request<String>) -> Result<Response<String>, Status> {
        Ok(Response::new(String::new()))
    }

    #[require_auth]
    async fn with_token(&self, _: Request<String>, _token: AccessToken) -> Result<Response<String>, Status> {
        Ok(Response::new(String::new()))
    }
}

fn main() {}
