//! Every form of a handler that axum calls, under the lints of a strict crate.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, missing_copy_implementations)]

use auth_layer::AccessToken;
use auth_layer::require_auth;
use auth_layer::token::{Grants, Proof};
use axum::extract::{Path, Request, State};
use axum::routing::get;
use scopes::{ReadProducts, WriteProducts};

mod scopes {
    auth_layer::scopes! {
        /// Products API
        pub api Products = "https://api.shop.example" {
            /// Read the catalogue
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
        pub(crate) api OpenId { OfflineAccess = "offline_access" }
    }
}

/// A backend.
#[derive(Clone, Copy, Debug)]
pub struct Shop;

impl Shop {
    fn list(self, _: &AccessToken<impl Grants<ReadProducts>>) -> &'static str {
        "products"
    }

    fn write(self, _: Proof<'_, WriteProducts>) {}
}

/// A token that is first.
#[require_auth(scopes = ["read:products"])]
pub async fn products(token: AccessToken, State(shop): State<Shop>) -> &'static str {
    shop.list(&token)
}

/// A token that is not first.
#[require_auth(scopes = ["read:products", "write:products"])]
async fn write_product(State(shop): State<Shop>, token: auth_layer::AccessToken, Path(_): Path<u32>) {
    shop.list(&token);
    shop.write(token.prove());
}

/// No token.
#[require_auth]
async fn home() -> &'static str {
    "home"
}

/// No token, and the whole request.
#[require_auth(any_scopes = ["read:products", WriteProducts], audience = "https://api.shop.example")]
async fn raw(_: State<Shop>, request: Request) -> String {
    request.uri().to_string()
}

/// A type instead of a text, another path to the same registry, and a raw string.
#[require_auth(scopes = [ReadProducts, r"write:products",], registry = self::scopes, crate = ::auth_layer)]
async fn r#type(token: AccessToken, State(shop): State<Shop>) {
    shop.list(&token);
    shop.write(token.prove());
}

#[require_auth(any_scopes = ["offline_access"])]
#[cfg(any())]
async fn absent(token: Nothing) {}

fn typed(_: &AccessToken<impl Grants<scopes::scope!("write:products")>>) {}

#[require_auth(scopes = ["write:products"])]
async fn by_macro(token: AccessToken) {
    typed(&token);
}

fn main() {
    let _: axum::Router = axum::Router::new()
        .route("/products", get(products).post(write_product))
        .route("/", get(home))
        .route("/raw", get(raw))
        .route("/type", get(r#type))
        .route("/by-macro", get(by_macro))
        .with_state(Shop);
    assert_eq!(scopes::Products::AUDIENCE, Some("https://api.shop.example"));
    assert_eq!(scopes::Products::SCOPES, ["read:products", "write:products"]);
    assert_eq!(scopes::OpenId::AUDIENCE, None);
}
