//! A function of a trait that no request comes to cannot be guarded, and a macro's methods are not seen.

use auth_layer::require_auth;
use http::{Request, Response};

trait Shop {
    async fn list(&self, request: Request<String>) -> Response<String>;
    async fn count() -> usize;
    fn add(&self, request: Request<String>) -> Response<String>;
    fn name(&self) -> &str;
}

struct Shelf;

macro_rules! name {
    () => {
        fn name(&self) -> &str {
            "shelf"
        }
    };
}

#[require_auth]
impl Shop for Shelf {
    // This one is right.
    async fn list(&self, request: Request<String>) -> Response<String> {
        Response::new(request.into_body())
    }

    async fn count() -> usize {
        0
    }

    fn add(&self, request: Request<String>) -> Response<String> {
        Response::new(request.into_body())
    }

    name!();
}

fn main() {
    let _ = Shelf.list(Request::default());
}
