//! `#[tonic::async_trait]` rewrites the methods before the attribute sees them.

use auth_layer::{AccessToken, require_auth};
use tonic::{Request, Response, Status};

struct Shop;

struct Other;

#[tonic::async_trait]
trait ShopService {
    async fn list(&self, request: Request<String>) -> Result<Response<String>, Status>;
}

#[require_auth] // right
#[tonic::async_trait]
impl ShopService for Shop {
    async fn list(&self, _: Request<String>, _token: AccessToken) -> Result<Response<String>, Status> {
        Ok(Response::new(String::new()))
    }
}

#[tonic::async_trait]
#[require_auth]
impl ShopService for Other {
    async fn list(&self, _: Request<String>) -> Result<Response<String>, Status> {
        Ok(Response::new(String::new()))
    }
}

fn main() {}
