//! APIs from files, beside one that is written inline, under the lints of a strict crate.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]

use auth_layer::token::{DeclaredScope, Grants};
use auth_layer::{AccessToken, require_auth};
use scopes::{ReadInvoices, ReadProducts, SecondFactor};

/// A module that another crate can reach.
pub mod scopes {
    auth_layer::scopes! {
        pub api Products from "../../definitions/products.json";

        /// What the shop bills
        pub api Billing from "../../definitions/billing.yaml" {
            /// Change the second factor
            SecondFactor = "2fa",
        }

        pub(crate) api Local { Ping = "ping" }
    }
}

/// What is said here wins.
mod of_another_audience {
    auth_layer::scopes! {
        pub(crate) api Invoices = "https://invoices.shop.example" from "../../definitions/billing.yaml" {
            SecondFactor = "2fa" includes [ReadInvoices, "openid"],
        }
    }
}

#[require_auth(scopes = ["2fa"], registry = of_another_audience)]
async fn second_factor(token: AccessToken) {
    let _ = token.prove::<of_another_audience::ReadInvoices>();
}

#[require_auth(scopes = ["read:products"])]
async fn products(token: AccessToken) {
    list(&token);
}

#[require_auth(scopes = ["read:invoices", SecondFactor])]
async fn invoices(token: AccessToken) {
    bill(&token);
}

#[require_auth(scopes = ["ping"])]
async fn ping(_token: AccessToken) {}

fn list(_token: &AccessToken<impl Grants<ReadProducts>>) {}

fn bill(_token: &AccessToken<impl Grants<ReadInvoices>>) {}

fn main() {
    assert_eq!(scopes::Products::AUDIENCE, Some("https://api.shop.example"));
    assert_eq!(scopes::Products::SCOPES, ["read:products", "write:products"]);
    assert_eq!(scopes::Billing::AUDIENCE, Some("https://billing.shop.example"));
    assert_eq!(scopes::Billing::SCOPES, ["read:invoices", "2fa", "openid"]);
    assert_eq!(SecondFactor::AUDIENCE, scopes::Billing::AUDIENCE);
    assert_eq!(of_another_audience::Invoices::AUDIENCE, Some("https://invoices.shop.example"));
    let _ = (products, invoices, ping, second_factor);
}
