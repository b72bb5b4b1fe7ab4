//! A function over `tonic::Request` that takes it behind its token, as axum's handlers do.

use auth_layer::{AccessToken, require_auth};
use tonic::{Request, Response, Status};

struct Shop;

#[require_auth]
async fn right(_: Request<String>, _token: AccessToken) -> Result<Response<String>, Status> {
    Ok(Response::new(String::new()))
}

#[require_auth]
async fn token_first(_token: AccessToken, _: Request<String>) -> Result<Response<String>, Status> {
    Ok(Response::new(String::new()))
}

#[require_auth]
async fn shop_first(_: &Shop, _: tonic::Request<String>, _token: AccessToken) -> tonic::Result<Response<String>> {
    Ok(Response::new(String::new()))
}

struct Service(Shop);

impl Service {
    async fn call(&self) -> Result<(), Status> {
        right(Request::new(String::new())).await?;
        token_first(Request::new(String::new())).await?;
        shop_first(&self.0, Request::new(String::new())).await?;
        Ok(())
    }
}

fn main() {
    drop(Service(Shop).call());
}
