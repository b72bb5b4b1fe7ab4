//! A client from a document, under the lints of a strict crate, called by handlers.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]

use auth_layer::outbound::{Call, PathError};
use auth_layer::{AccessToken, require_auth};

/// A module that another crate can reach.
pub mod scopes {
    auth_layer::scopes! {
        pub api Products from "../../definitions/shop.yaml" {
            WriteProducts = "write:products" includes [ReadProducts],
        }
    }
}

auth_layer::client! {
    pub trait ProductsClient from "../../definitions/shop.yaml" {
        change_product = "PUT /products/{product-id}",
    }
}

mod elsewhere {
    auth_layer::client! {
        crate = ::auth_layer;
        registry = crate::scopes;
        /// Documentation of its own.
        pub(crate) trait Other from "../../definitions/shop.yaml" { put = "PUT /products/{product-id}" }
    }
}

#[derive(Debug)]
struct Fake;

impl ProductsClient for Fake {
    type Body = String;
    type Reply = (String, Option<String>);
    type Error = PathError;

    async fn send(&self, call: Call<String>) -> Result<Self::Reply, PathError> {
        Ok((format!("{} {}", call.method(), call.path()), call.into_body()))
    }
}

impl elsewhere::Other for Fake {
    type Body = ();
    type Reply = ();
    type Error = Box<dyn std::error::Error + Send + Sync>;

    async fn send(&self, _: Call<()>) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[require_auth(scopes = ["read:products"])]
async fn list(token: AccessToken) -> Result<(), PathError> {
    Fake.list_products(&token, &[("limit", "3")]).await?;
    Fake.get_product(&token, 17).await?;
    Fake.get_product(&token, "name").await?;
    Fake.get_part(&token, 17, "part".to_owned()).await?;
    Ok(())
}

#[require_auth(scopes = ["write:products"])]
async fn change(token: AccessToken) -> Result<(), PathError> {
    Fake.add_product(&token, "{}".into()).await?;
    Fake.change_product(&token, 17, None).await?;
    Ok(())
}

#[require_auth]
async fn whoever(token: AccessToken) -> Result<(), PathError> {
    Fake.who_am_i(&token).await?;
    Fake.r#type().await?;
    Fake.news().await?;
    Ok(())
}

fn is_sent(_: impl Future + Send) {}

/// What a handler awaits must be `Send`, whatever client it is.
fn any_client<C: ProductsClient<Body = String>>(client: &C) {
    is_sent(client.news());
    is_sent(client.r#type());
}

fn main() {
    any_client(&Fake);
    let _ = (list, change, whoever, elsewhere::Other::news(&Fake));
}
