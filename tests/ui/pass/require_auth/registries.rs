//! A registry at the root, one in a module, and two that declare the same text.
#![deny(warnings)]

use auth_layer::token::{Grants, Proof};
use auth_layer::{AccessToken, require_auth};

auth_layer::scopes! {
    api Root = "https://root.example" { ReadRoot = "read" }
}

mod billing {
    pub(crate) mod scopes {
        auth_layer::scopes! {
            pub(crate) api Billing = "https://billing.example" { ReadBilling = "read", WriteBilling = "write" }
        }
    }
}

fn root(_: &AccessToken<impl Grants<ReadRoot>>) {}

fn bill(_: Proof<'_, billing::scopes::WriteBilling>) {}

#[require_auth(scopes = ["read"], registry = crate)]
async fn of_root(token: AccessToken) {
    root(&token);
}

#[require_auth(scopes = ["read", billing::scopes::WriteBilling], registry = crate::billing::scopes)]
async fn of_billing(token: AccessToken) {
    bill(token.prove());
}

mod handlers {
    use auth_layer::{AccessToken, require_auth};

    #[require_auth(any_scopes = ["write", "read"], registry = super::billing::scopes)]
    pub(crate) async fn of_billing(token: AccessToken) {
        drop(token.into_any());
    }
}

fn main() {
    let _: axum::Router = axum::Router::new()
        .route("/root", axum::routing::get(of_root))
        .route("/bill", axum::routing::get(of_billing).post(handlers::of_billing));
}
