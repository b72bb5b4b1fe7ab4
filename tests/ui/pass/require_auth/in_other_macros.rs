//! A handler that a `macro_rules!` writes, one within a function, and one beside other attributes.
#![deny(warnings)]

use auth_layer::{AccessToken, require_auth};
use axum::response::IntoResponse;
use axum::routing::get;

mod scopes {
    auth_layer::scopes! {
        pub(crate) api Products { ReadProducts = "read:products" }
    }
}

macro_rules! handler {
    ($name:ident, $token:ty, $scope:literal) => {
        #[require_auth(scopes = [$scope])]
        async fn $name(token: $token) -> String {
            token.scopes().to_string()
        }
    };
}

handler!(products, AccessToken, "read:products");

#[deprecated]
#[require_auth]
#[allow(clippy::unused_async)]
#[inline]
async fn attributed(#[allow(unused_variables)] token: AccessToken) -> impl IntoResponse {
    #![allow(unused_mut)]
    let mut text = "text";
    text
}

fn router() -> axum::Router {
    #[require_auth(scopes = ["read:products"])]
    async fn local(_: AccessToken) -> Result<impl IntoResponse, http::StatusCode> {
        Ok("local")
    }

    #[allow(deprecated)]
    axum::Router::new().route("/", get(products).post(local).put(attributed))
}

fn main() {
    let _ = router();
}
