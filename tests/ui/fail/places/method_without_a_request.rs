//! A method of a trait that takes no request cannot be guarded.

use auth_layer::require_auth;

struct Shop;

trait Service {
    async fn right(&self, request: http::Request<String>) -> http::Response<String>;
    async fn wrong(&self, name: String) -> String;
    async fn open(&self, name: String) -> String;
}

#[require_auth]
impl Service for Shop {
    async fn right(&self, request: http::Request<String>) -> http::Response<String> {
        http::Response::new(request.into_body())
    }

    async fn wrong(&self, name: String) -> String {
        name
    }

    #[public]
    async fn open(&self, name: String) -> String {
        name
    }
}

fn main() {}
