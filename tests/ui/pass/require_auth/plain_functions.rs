//! Functions over `http::Request`, which any tower service can call.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use http::{Request, Response};
use scopes::ReadProducts;

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" { ReadProducts = "read:products" }
    }
}

fn list(_: &AccessToken<impl Grants<ReadProducts>>) {}

/// Generic over the body, with a result.
///
/// # Errors
/// None.
#[require_auth(scopes = ["read:products"])]
pub async fn generic<B, C>(mut request: Request<B>, token: AccessToken) -> Result<Response<C>, std::io::Error>
where
    B: Send + 'static,
    C: Default + Send,
{
    list(&token);
    request.extensions_mut().clear();
    return Ok(Response::new(C::default()));
}

#[require_auth]
async fn no_token(_: http::Request<impl Send>) -> Response<String> {
    Response::new(String::new())
}

#[require_auth(any_scopes = ["read:products"])]
async fn with_state(request: Request<String>, name: &str, _token: AccessToken) -> Response<String> {
    Response::new(format!("{name}{}", request.into_body()))
}

fn sent<T: Send>(_: T) {}

fn main() {
    sent(generic::<_, Vec<u8>>(Request::new(String::new())));
    sent(no_token(Request::new(())));
    sent(with_state(Request::new(String::new()), "x"));
}
