//! The attribute on a method of a service, where it goes on the function that the method calls.

use auth_layer::{AccessToken, require_auth};
use tonic::{Request, Response, Status};

struct Shop;

#[require_auth]
async fn list(_: Request<String>, _token: AccessToken, _: &Shop) -> Result<Response<String>, Status> {
    Ok(Response::new(String::new()))
}

#[tonic::async_trait]
trait ShopService {
    async fn right(&self, request: Request<String>) -> Result<Response<String>, Status>;
    async fn without_token(&self, request: Request<String>) -> Result<Response<String>, Status>;
    async fn with_token(&self, request: Request<String>) -> Result<Response<String>, Status>;
}

#[tonic::async_trait]
impl ShopService for Shop {
    async fn right(&self, request: Request<String>) -> Result<Response<String>, Status> {
        list(request, self).await
    }

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
