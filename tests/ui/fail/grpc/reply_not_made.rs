//! A function over `tonic::Request` that returns nothing a refusal can be put in.

use auth_layer::{AccessToken, require_auth};
use tonic::{Request, Response, Status};

struct ShopError;

#[require_auth]
async fn right(_: Request<String>, _token: AccessToken) -> Result<Response<String>, Status> {
    Ok(Response::new(String::new()))
}

#[require_auth]
async fn reply(_: Request<String>, _token: AccessToken) -> Response<String> {
    Response::new(String::new())
}

#[require_auth]
async fn message(_: Request<String>, _token: AccessToken) -> Result<String, Status> {
    Ok(String::new())
}

#[require_auth]
async fn own_error(_: Request<String>, _token: AccessToken) -> Result<Response<String>, ShopError> {
    Ok(Response::new(String::new()))
}

fn main() {}
