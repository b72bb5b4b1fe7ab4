//! A refused attribute on a function over `tonic::Request`: one error, and none in what calls it.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use scopes::ReadProducts;
use tonic::{Request, Response, Status};

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" { ReadProducts = "read:products" }
    }
}

fn list(_: &AccessToken<impl Grants<ReadProducts>>) {}

#[require_auth(scopes = ["read:products"])]
async fn right(_: Request<String>, token: AccessToken, _: &str) -> Result<Response<String>, Status> {
    list(&token);
    Ok(Response::new(String::new()))
}

#[require_auth(scopes = ["read:prodcts"])]
async fn unknown(_: Request<String>, token: AccessToken, _: &str) -> Result<Response<String>, Status> {
    list(&token);
    Ok(Response::new(String::new()))
}

#[require_auth(scopes = "read:products")]
async fn no_list(_: Request<String>, token: AccessToken, _: &str) -> Result<Response<String>, Status> {
    list(&token);
    Ok(Response::new(String::new()))
}

async fn call() -> Result<(), Status> {
    right(Request::new(String::new()), "").await?;
    unknown(Request::new(String::new()), "").await?;
    no_list(Request::new(String::new()), "").await?;
    Ok(())
}

fn main() {
    drop(call());
}
