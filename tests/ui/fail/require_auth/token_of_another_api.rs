//! A token of one API in a call to another.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use scopes::ReadInvoices;

fn invoices(_: &AccessToken<impl Grants<ReadInvoices>>) {}

#[require_auth(scopes = ["read:invoices"])]
async fn right(token: AccessToken) {
    invoices(&token);
}

#[require_auth(scopes = ["read:products"])]
async fn products(token: AccessToken) {
    invoices(&token);
}

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" { ReadProducts = "read:products" }
        pub api Billing = "https://billing.shop.example" { ReadInvoices = "read:invoices" }
    }
}

fn main() {}
